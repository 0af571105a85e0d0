// Written by `pnpm client:generate` from the API's router. Do not edit.
import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions, TRPCMutationProcedure, TRPCQueryProcedure, TRPC_ERROR_CODE_KEY, TRPC_ERROR_CODE_NUMBER } from '@trpc/server'

/** The data of every error, whichever procedure it came from. */
export type ErrorShape = {
    code: TRPC_ERROR_CODE_NUMBER;
    message: string;
    data: {
        code: TRPC_ERROR_CODE_KEY;
        httpStatus: number;
        path?: string;
        stack?: string;
        reason: "caller_gone" | "conflict" | "database_busy" | "database_timeout" | "database_unavailable" | "deadline_exceeded" | "embedder_unavailable" | "forbidden" | "idempotency_key_reused" | "insufficient_balance" | "internal" | "invalid_cursor" | "invalid_input" | "method_not_allowed" | "not_found" | "not_ready" | "not_told" | "overloaded" | "rate_limited" | "request_timeout" | "unauthenticated";
        issues: readonly {
            field: string;
            message: string;
        }[];
        requestId: string | undefined;
    };
}

/** Procedures that answer piece by piece: an async iterable in place of a value. */
export const streamedProcedures: ReadonlySet<string> = new Set(['query.answer'])

export type AppRouter = TRPCBuiltRouter<{
    ctx: object;
    meta: object;
    errorShape: ErrorShape;
    transformer: false;
}, TRPCDecorateCreateRouterOptions<{
    attributions: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Attributes a card to another, and pays the other's author. Takes an Idempotency-Key. */
        create: TRPCMutationProcedure<{
            input: {
                sourceCardId: string;
                targetCardId: string;
                type: "citation" | "remix" | "reply";
                context?: string | undefined;
                excerpt?: string | undefined;
            };
            output: {
                id: string;
                sourceCardId: string;
                sourceUserId: string;
                targetCardId: string;
                targetUserId: string;
                type: "citation" | "remix" | "reply";
                context: string | null;
                excerpt: string | null;
                tokensTransferred: string;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One attribution. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                sourceCardId: string;
                sourceUserId: string;
                targetCardId: string;
                targetUserId: string;
                type: "citation" | "remix" | "reply";
                context: string | null;
                excerpt: string | null;
                tokensTransferred: string;
                createdAt: string;
                targetTitle: string;
                targetUsername: string;
                targetDisplayName: string;
                sourceUsername: string;
                sourceDisplayName: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Attributions that earned a user tokens, newest first. */
        received: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                userId: string;
            } | undefined;
            output: {
                items: {
                    id: string;
                    sourceCardId: string;
                    sourceUserId: string;
                    targetCardId: string;
                    targetUserId: string;
                    type: "citation" | "remix" | "reply";
                    context: string | null;
                    excerpt: string | null;
                    tokensTransferred: string;
                    createdAt: string;
                    targetTitle: string;
                    targetUsername: string;
                    targetDisplayName: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Attributions that cite, remix or answer a card, newest first. */
        backlinks: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                cardId: string;
            } | undefined;
            output: {
                items: {
                    id: string;
                    sourceCardId: string;
                    sourceUserId: string;
                    targetCardId: string;
                    targetUserId: string;
                    type: "citation" | "remix" | "reply";
                    context: string | null;
                    excerpt: string | null;
                    tokensTransferred: string;
                    createdAt: string;
                    targetTitle: string;
                    targetUsername: string;
                    targetDisplayName: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** How often a card is cited, remixed and answered, and what it earned. */
        counts: TRPCQueryProcedure<{
            input: {
                cardId: string;
            };
            output: {
                citation: {
                    count: number;
                    tokens: string;
                };
                remix: {
                    count: number;
                    tokens: string;
                };
                reply: {
                    count: number;
                    tokens: string;
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The cards around a card, to a depth of 3: what it builds on, and what builds on it. */
        graph: TRPCQueryProcedure<{
            input: {
                cardId: string;
                depth?: number | undefined;
                maxNodes?: number | undefined;
            };
            output: {
                nodes: {
                    cardId: string;
                    title: string;
                    userId: string;
                    username: string;
                    displayName: string;
                    depth: number;
                    cites: readonly {
                        cardId: string;
                        type: "citation" | "remix" | "reply";
                    }[];
                }[];
                truncated: boolean;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    audit: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** The audit log: caller, action, target and address, newest first. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                actorUserId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    actorUserId: string | null;
                    actorKeyId: string | null;
                    action: string;
                    target: string | null;
                    details: Record<string, unknown>;
                    address: string | null;
                    requestId: string | null;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    authors: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Authors by platform and username, or those that a search finds. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                search?: string | undefined;
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                    username: string;
                    displayName: string;
                    bio: string | null;
                    followerCount: number;
                    followingCount: number;
                    contentCount: number;
                    authorityScore: number | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One author. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                username: string;
                displayName: string;
                bio: string | null;
                followerCount: number;
                followingCount: number;
                contentCount: number;
                authorityScore: number | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    cards: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Published cards, newest first; filters may be combined. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                userId?: string | undefined;
                category?: string | undefined;
                tag?: string | undefined;
                contentId?: string | undefined;
                parentCardId?: string | undefined;
                search?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    userId: string;
                    title: string;
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    slug: string;
                    createdAt: string;
                    username: string;
                    displayName: string;
                    publishedAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The caller's own cards, drafts and private ones too, newest first. */
        mine: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    userId: string;
                    title: string;
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    slug: string;
                    createdAt: string;
                    privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                    isPublished: boolean;
                    updatedAt: string;
                    publishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** A published card, or one of the caller's own. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                userId: string;
                title: string;
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                slug: string;
                createdAt: string;
                username: string;
                displayName: string;
                privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                isPublished: boolean;
                updatedAt: string;
                publishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Stores a card that only its owner sees. */
        draft: TRPCMutationProcedure<{
            input: {
                title: string;
                body: string;
                tags?: string[] | undefined;
                category?: string | null | undefined;
                privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                contentId?: string | null | undefined;
                parentCardId?: string | null | undefined;
            };
            output: {
                id: string;
                userId: string;
                title: string;
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                slug: string;
                createdAt: string;
                privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                isPublished: boolean;
                updatedAt: string;
                publishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Changes the given fields and leaves the others. */
        edit: TRPCMutationProcedure<{
            input: {
                title?: string | undefined;
                body?: string | undefined;
                tags?: string[] | undefined;
                category?: string | null | undefined;
                privacyLevel?: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS" | undefined;
                contentId?: string | null | undefined;
                parentCardId?: string | null | undefined;
                id: string;
            };
            output: {
                id: string;
                userId: string;
                title: string;
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                slug: string;
                createdAt: string;
                privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                isPublished: boolean;
                updatedAt: string;
                publishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Publishes drafts and new cards; each earns a token once, up to a number a day. Takes an Idempotency-Key. */
        publish: TRPCMutationProcedure<{
            input: {
                ids?: string[] | undefined;
                cards?: {
                    title: string;
                    body: string;
                    tags?: string[] | undefined;
                    category?: string | null | undefined;
                    privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                    contentId?: string | null | undefined;
                    parentCardId?: string | null | undefined;
                }[] | undefined;
            };
            output: {
                published: {
                    id: string;
                    userId: string;
                    title: string;
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    slug: string;
                    createdAt: string;
                    privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                    isPublished: boolean;
                    updatedAt: string;
                    publishedAt: string | null;
                }[];
                publishedCount: number;
                filteredCount: number;
                tokensEarned: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Takes a published card back: only its owner sees it then. */
        unpublish: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                userId: string;
                title: string;
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                slug: string;
                createdAt: string;
                privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                isPublished: boolean;
                updatedAt: string;
                publishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Deletes a card and its attributions. */
        delete: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    contents: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Contents, newest first by the time of their ingest. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                    sourceUrl: string;
                    author: string;
                    title: string;
                    tags: string[];
                    publishedAt: string | null;
                    scrapedAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One content with its body and its authors. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                sourceUrl: string;
                author: string;
                title: string;
                tags: string[];
                publishedAt: string | null;
                scrapedAt: string;
                body: string;
                metrics: Record<string, unknown>;
                analyzedAt: string | null;
                authors: {
                    id: string;
                    username: string;
                    displayName: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The contents most like one, by meaning and by its telling words. */
        similar: TRPCQueryProcedure<{
            input: {
                id: string;
                limit?: number | undefined;
            };
            output: {
                items: {
                    id: string;
                    platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                    sourceUrl: string;
                    author: string;
                    title: string;
                    publishedAt: string | null;
                    passage: {
                        id: string;
                        ordinal: number;
                        text: string;
                    };
                    fusedScore: number;
                    why: {
                        wordShare: number;
                        vectorShare: number;
                        matchedWords: string[];
                    };
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    health: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Whether the service and its database answer. 503 where the database does not, within two seconds. */
        check: TRPCQueryProcedure<{
            input: void;
            output: {
                status: "ok";
                version: string;
                contents: number;
                countsAreEstimates: true;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Whether this process runs. Contacts no other service. */
        live: TRPCQueryProcedure<{
            input: void;
            output: {
                status: "ok";
                uptimeSeconds: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Whether this server may be sent requests: the database answers, takes writes, has room on its disk, is migrated and has no INVALID index; Redis, where configured, answers; the server is not about to stop. 503 names the failing check. */
        ready: TRPCQueryProcedure<{
            input: void;
            output: {
                status: "ready";
                checks: {
                    database: "ok";
                    migrations: "ok";
                    indexes: "ok";
                    redis: "not configured" | "ok";
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Cache, connections and latencies; with an admin key also statements, indexes and tables. */
        performance: TRPCQueryProcedure<{
            input: void;
            output: {
                status: "degraded" | "healthy";
                response_time_ms: number;
                version: string;
                uptime_seconds: number;
                cache: {
                    total_entries: number;
                    active_entries: number;
                    expired_entries: number;
                    hits: number;
                    stale_hits: number;
                    misses: number;
                    stores: number;
                    refused_stores: number;
                    evictions: number;
                    evictions_by_cause: Record<string, number>;
                    hit_rate: number;
                    max_cache_size: number;
                    memory_usage_estimate_mb: number;
                    settings: {
                        default_ttl_seconds: number;
                        rules: Record<string, number>;
                        exclude: string[];
                        query_params: "off" | "on";
                    };
                    shared: {
                        state: "offline" | "online";
                        breaker: string;
                        pending_invalidations: number;
                    } | null;
                };
                database: {
                    status: "healthy" | "unhealthy";
                    latency_ms: number | null;
                    pool: {
                        pool_size: number;
                        max_size: number;
                        checked_out: number;
                        checked_in: number;
                        overflow: number;
                        total_connections: number;
                        waiting: number;
                        refused: number;
                    };
                    lane: {
                        connections: number;
                        in_flight: number;
                        left: number;
                    } | null;
                };
                procedures: {
                    procedure: string;
                    count: number;
                    errors: number;
                    p50_ms: number;
                    p95_ms: number;
                    p99_ms: number;
                }[];
                vector_index: {
                    recall_at_10: number | null;
                    samples: number;
                };
                slowest_statements: {
                    query: string;
                    calls: number;
                    total_ms: number;
                    mean_ms: number;
                    max_ms: number;
                    rows: number;
                    cache_hit_share: number;
                }[] | null;
                indexes: {
                    unused: {
                        index: string;
                        table: string;
                        bytes: number;
                    }[];
                    invalid: string[];
                    missing: string[];
                    bloated: {
                        index: string;
                        bytes: number;
                        needed_bytes: number;
                    }[];
                } | null;
                tables: {
                    table: string;
                    live_rows: number;
                    dead_rows: number;
                    dead_share: number;
                    last_vacuum_at: string | null;
                    last_analyze_at: string | null;
                }[] | null;
                not_shown: Record<string, string>;
                padding: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Forgets every cached answer, on all servers. */
        clearCache: TRPCMutationProcedure<{
            input: void;
            output: {
                cleared: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Frees this server's memory of entries that can never be served again. */
        cleanupCache: TRPCMutationProcedure<{
            input: void;
            output: {
                removed: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    keys: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Keys, revoked ones too, newest first; never the key itself. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                userId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    name: string;
                    prefix: string;
                    scopes: ("admin" | "read" | "write")[];
                    isActive: boolean;
                    isRevoked: boolean;
                    revokedAt: string | null;
                    expiresAt: string | null;
                    rateLimitPerHour: number;
                    rotatedFromId: string | null;
                    lastUsedAt: string | null;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Makes a key and shows it once, in this answer. */
        create: TRPCMutationProcedure<{
            input: {
                name: string;
                scopes: ("admin" | "read" | "write")[];
                expiresAt?: string | undefined;
                rateLimitPerHour?: number | undefined;
                userId?: string | undefined;
            };
            output: {
                id: string;
                name: string;
                prefix: string;
                scopes: ("admin" | "read" | "write")[];
                isActive: boolean;
                isRevoked: boolean;
                revokedAt: string | null;
                expiresAt: string | null;
                rateLimitPerHour: number;
                rotatedFromId: string | null;
                lastUsedAt: string | null;
                createdAt: string;
                key: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Replaces a key: name, scopes, limit and expiry stay; the old one works beside it for a while. */
        rotate: TRPCMutationProcedure<{
            input: {
                id: string;
                overlapSeconds?: number | undefined;
            };
            output: {
                id: string;
                name: string;
                prefix: string;
                scopes: ("admin" | "read" | "write")[];
                isActive: boolean;
                isRevoked: boolean;
                revokedAt: string | null;
                expiresAt: string | null;
                rateLimitPerHour: number;
                rotatedFromId: string | null;
                lastUsedAt: string | null;
                createdAt: string;
                key: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Revokes a key: when this answers, no server accepts it any more. */
        revoke: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                name: string;
                prefix: string;
                scopes: ("admin" | "read" | "write")[];
                isActive: boolean;
                isRevoked: boolean;
                revokedAt: string | null;
                expiresAt: string | null;
                rateLimitPerHour: number;
                rotatedFromId: string | null;
                lastUsedAt: string | null;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    patterns: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Patterns of an author, of a type or of all, newest or surest first. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                sort?: "confidence" | "discovered" | undefined;
                authorId?: string | undefined;
                type?: "elaboration" | "framework" | "hook" | "theme" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    authorId: string;
                    type: "elaboration" | "framework" | "hook" | "theme";
                    description: string;
                    confidenceScore: number;
                    discoveredAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One pattern with the contents that it was seen in. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                authorId: string;
                type: "elaboration" | "framework" | "hook" | "theme";
                description: string;
                confidenceScore: number;
                discoveredAt: string;
                contentIds: string[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    query: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** An answer from the passages that a search finds, streamed sentence by sentence, each with its citations. */
        answer: TRPCQueryProcedure<{
            input: {
                prompt: string;
                nResults?: number | undefined;
                n_results?: number | undefined;
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                author?: string | undefined;
                publishedAfter?: string | undefined;
                publishedBefore?: string | undefined;
                tags?: string[] | undefined;
                groupBy?: "content" | "passage" | undefined;
            };
            output: AsyncGenerator<{
                type: "passages";
                passages: {
                    rank: number;
                    passage: {
                        id: string;
                        ordinal: number;
                        text: string;
                    };
                    content: {
                        id: string;
                        platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                        sourceUrl: string;
                        author: string;
                        title: string;
                        publishedAt: string | null;
                    };
                    fusedScore: number;
                }[];
            } | {
                type: "sentence";
                text: string;
                citations: string[];
                rejected: number[];
            } | {
                type: "done";
                kind: "extracted" | "generated";
                model: string | null;
                complete: boolean;
                notice: string | null;
            }, any, any>;
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The passages that answer a question best, by meaning and by word. */
        rag: TRPCQueryProcedure<{
            input: {
                prompt: string;
                nResults?: number | undefined;
                n_results?: number | undefined;
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                author?: string | undefined;
                publishedAfter?: string | undefined;
                publishedBefore?: string | undefined;
                tags?: string[] | undefined;
                groupBy?: "content" | "passage" | undefined;
            };
            output: {
                query: string;
                count: number;
                results: {
                    rank: number;
                    passage: {
                        id: string;
                        ordinal: number;
                        text: string;
                    };
                    content: {
                        id: string;
                        platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                        sourceUrl: string;
                        author: string;
                        title: string;
                        publishedAt: string | null;
                    };
                    vector: {
                        rank: number;
                        cosineDistance: number;
                    } | null;
                    word: {
                        rank: number;
                        textRank: number;
                    } | null;
                    fusedScore: number;
                    why: {
                        wordShare: number;
                        vectorShare: number;
                        matchedWords: string[];
                    };
                    alsoIn: {
                        passageId: string;
                        contentId: string;
                        title: string;
                    }[];
                    otherPassages: {
                        id: string;
                        fusedScore: number;
                    }[];
                }[];
                exhausted: boolean;
                search: {
                    words: {
                        word: string;
                        passages: number;
                        insteadOf?: string | undefined;
                    }[];
                    phrases: string[];
                    excluded: string[];
                    onlyRescored: string[];
                    vector: "approximate" | "exact" | "none";
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    researchSessions: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Research sessions, newest first, of one status or of all. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                status?: "completed" | "failed" | "in_progress" | undefined;
                userId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    userId: string;
                    name: string;
                    status: "completed" | "failed" | "in_progress";
                    platforms: ("reddit" | "rss" | "twitter" | "web" | "youtube")[];
                    keywords: string[];
                    contentsFound: number;
                    contentsAnalyzed: number;
                    patternsFound: number;
                    createdAt: string;
                    finishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One session with its brief and its outputs. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                userId: string;
                name: string;
                status: "completed" | "failed" | "in_progress";
                platforms: ("reddit" | "rss" | "twitter" | "web" | "youtube")[];
                keywords: string[];
                contentsFound: number;
                contentsAnalyzed: number;
                patternsFound: number;
                createdAt: string;
                finishedAt: string | null;
                brief: string;
                targetAuthorities: string[];
                outputs: Record<string, unknown>;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Begins a session. */
        create: TRPCMutationProcedure<{
            input: {
                name: string;
                brief: string;
                platforms?: ("reddit" | "rss" | "twitter" | "web" | "youtube")[] | undefined;
                keywords?: string[] | undefined;
                targetAuthorities?: string[] | undefined;
            };
            output: {
                id: string;
                userId: string;
                name: string;
                status: "completed" | "failed" | "in_progress";
                platforms: ("reddit" | "rss" | "twitter" | "web" | "youtube")[];
                keywords: string[];
                contentsFound: number;
                contentsAnalyzed: number;
                patternsFound: number;
                createdAt: string;
                finishedAt: string | null;
                brief: string;
                targetAuthorities: string[];
                outputs: Record<string, unknown>;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Sets counts and outputs of a session in progress, or ends it. */
        update: TRPCMutationProcedure<{
            input: {
                id: string;
                contentsFound?: number | undefined;
                contentsAnalyzed?: number | undefined;
                patternsFound?: number | undefined;
                outputs?: Record<string, unknown> | undefined;
                status?: "completed" | "failed" | undefined;
            };
            output: {
                id: string;
                userId: string;
                name: string;
                status: "completed" | "failed" | "in_progress";
                platforms: ("reddit" | "rss" | "twitter" | "web" | "youtube")[];
                keywords: string[];
                contentsFound: number;
                contentsAnalyzed: number;
                patternsFound: number;
                createdAt: string;
                finishedAt: string | null;
                brief: string;
                targetAuthorities: string[];
                outputs: Record<string, unknown>;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    tokens: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** The tokens in an account. */
        balance: TRPCQueryProcedure<{
            input: {
                userId: string;
            };
            output: {
                userId: string;
                balance: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The movements into and out of an account, newest first. */
        ledger: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                userId: string;
                type?: "attribution" | "earn" | "transfer" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    type: "attribution" | "earn" | "transfer";
                    amount: string;
                    fromUserId: string | null;
                    toUserId: string;
                    cardId: string | null;
                    attributionId: string | null;
                    balanceAfter: string;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** An account's totals: earned, received, sent, attributed, paid. */
        stats: TRPCQueryProcedure<{
            input: {
                userId: string;
            };
            output: {
                userId: string;
                balance: string;
                earned: string;
                received: string;
                sent: string;
                attributed: string;
                paid: string;
                movements: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Moves tokens from the caller's own account. Takes an Idempotency-Key. */
        transfer: TRPCMutationProcedure<{
            input: {
                toUserId: string;
                amount: string;
            };
            output: {
                id: string;
                fromUserId: string | null;
                toUserId: string;
                amount: string;
                type: "earn" | "transfer";
                balanceAfter: string | null;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Mints tokens into an account. Takes an Idempotency-Key. */
        award: TRPCMutationProcedure<{
            input: {
                toUserId: string;
                amount: string;
                reason?: string | undefined;
            };
            output: {
                id: string;
                fromUserId: string | null;
                toUserId: string;
                amount: string;
                type: "earn" | "transfer";
                balanceAfter: string | null;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    users: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Users, newest first, or those that a search finds. */
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                search?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    username: string;
                    displayName: string;
                    bio: string | null;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The user whose key this is. */
        me: TRPCQueryProcedure<{
            input: void;
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                email: string;
                cards: {
                    total: number;
                    published: number;
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One user by name, whatever its case. */
        byUsername: TRPCQueryProcedure<{
            input: {
                username: string;
            };
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                email: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One user; the e-mail address is for the user and for admins. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                email: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Makes an account. */
        create: TRPCMutationProcedure<{
            input: {
                username: string;
                email: string;
                displayName?: string | undefined;
                bio?: string | null | undefined;
            };
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                email: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Changes a profile. */
        update: TRPCMutationProcedure<{
            input: {
                id: string;
                displayName?: string | undefined;
                bio?: string | null | undefined;
            };
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                email: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
}>>
