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
        reason: "caller_gone" | "conflict" | "database_busy" | "database_timeout" | "database_unavailable" | "deadline_exceeded" | "forbidden" | "idempotency_key_reused" | "insufficient_balance" | "internal" | "invalid_cursor" | "invalid_input" | "method_not_allowed" | "not_found" | "not_ready" | "not_told" | "overloaded" | "rate_limited" | "request_timeout" | "storage_full" | "too_large" | "unauthenticated";
        issues: readonly {
            field: string;
            message: string;
        }[];
        requestId: string | undefined;
    };
}

/** Procedures that answer piece by piece: an async iterable in place of a value. */
export const streamedProcedures: ReadonlySet<string> = new Set(['archives.export', 'jobs.events', 'query.answer', 'subscriptions.events', 'users.export'])

export type AppRouter = TRPCBuiltRouter<{
    ctx: object;
    meta: object;
    errorShape: ErrorShape;
    transformer: false;
}, TRPCDecorateCreateRouterOptions<{
    analysis: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** What a text is: hooks, frameworks, keyphrases, feelings and more, each finding with its words. */
        content: TRPCQueryProcedure<{
            input: {
                /** Markdown or text, at most 200,000 characters; or `contentId` */
                content?: string | undefined;
                /** A stored content; or `content` */
                contentId?: string | undefined;
            };
            output: {
                /** Null for a text that is not stored */
                contentId: string | null;
                /** Null where it was analysed for this answer and not stored */
                analyzedAt: string | null;
                analysis: {
                    version: number;
                    /** ISO 639-1; null where nobody can tell, and the text is read as English */
                    language: string | null;
                    frameworks: {
                        value: "4Ps" | "AIDA" | "BAB" | "PAS" | "PASTOR";
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                        roles: {
                            role: string;
                            start: number;
                            end: number;
                        }[];
                    }[];
                    hooks: {
                        value: "benefit" | "controversy" | "curiosity" | "specificity" | "story";
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    /** Keyphrases, the likeliest first */
                    themes: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    painPoints: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    desires: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    sentiment: {
                        value: {
                            label: "negative" | "neutral" | "positive";
                            score: number;
                        };
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    } | null;
                    tone: {
                        value: "casual" | "critical" | "formal" | "humorous" | "inspiring" | "instructive" | "personal" | "technical" | "urgent";
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    callToAction: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    /** Sentences of the text itself */
                    keyInsights: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    readability: {
                        value: {
                            words: number;
                            sentences: number;
                            lix: number;
                            readingEase: number | null;
                            grade: number | null;
                            minutes: number;
                        };
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    } | null;
                    /** Only a language model can tell */
                    targetAudience: null;
                    /** What a language model saw in the same text; left out where none was asked */
                    secondOpinion?: {
                        model: string;
                        /** Of the prompt and the answer, counted too high rather than too low */
                        tokens: number;
                        /** Why it has nothing to say; null where it has */
                        problem: string | null;
                        /** Each with words that stand in the text */
                        findings: readonly {
                            field: "callToAction" | "desires" | "frameworks" | "hooks" | "keyInsights" | "painPoints" | "sentiment" | "themes" | "tone";
                            value: string;
                            spans: {
                                part: "body" | "title";
                                /** UTF-16 units of the title or the body */
                                start: number;
                                end: number;
                            }[];
                        }[];
                        targetAudience: string | null;
                        /** Findings left out, for their words do not stand in the text */
                        notInText: number;
                        /** Where it says another thing than the analysis; both are kept */
                        differs: readonly {
                            field: "frameworks" | "hooks" | "sentiment" | "tone";
                            analysis: readonly string[];
                            model: readonly string[];
                        }[];
                    } | undefined;
                    /** What could not be looked for, and why */
                    leftOut: {
                        fields: string[];
                        reason: string;
                    }[];
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The analysis of a stored content. */
        byContent: TRPCQueryProcedure<{
            input: {
                /** The content’s id */
                id: string;
            };
            output: {
                /** Null for a text that is not stored */
                contentId: string | null;
                /** Null where it was analysed for this answer and not stored */
                analyzedAt: string | null;
                analysis: {
                    version: number;
                    /** ISO 639-1; null where nobody can tell, and the text is read as English */
                    language: string | null;
                    frameworks: {
                        value: "4Ps" | "AIDA" | "BAB" | "PAS" | "PASTOR";
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                        roles: {
                            role: string;
                            start: number;
                            end: number;
                        }[];
                    }[];
                    hooks: {
                        value: "benefit" | "controversy" | "curiosity" | "specificity" | "story";
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    /** Keyphrases, the likeliest first */
                    themes: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    painPoints: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    desires: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    sentiment: {
                        value: {
                            label: "negative" | "neutral" | "positive";
                            score: number;
                        };
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    } | null;
                    tone: {
                        value: "casual" | "critical" | "formal" | "humorous" | "inspiring" | "instructive" | "personal" | "technical" | "urgent";
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    callToAction: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    /** Sentences of the text itself */
                    keyInsights: {
                        value: string;
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    }[];
                    readability: {
                        value: {
                            words: number;
                            sentences: number;
                            lix: number;
                            readingEase: number | null;
                            grade: number | null;
                            minutes: number;
                        };
                        confidence: number;
                        /** The words that it was seen in */
                        spans: {
                            part: "body" | "title";
                            /** UTF-16 units of the title or the body */
                            start: number;
                            end: number;
                        }[];
                        method: string;
                        version: number;
                    } | null;
                    /** Only a language model can tell */
                    targetAudience: null;
                    /** What a language model saw in the same text; left out where none was asked */
                    secondOpinion?: {
                        model: string;
                        /** Of the prompt and the answer, counted too high rather than too low */
                        tokens: number;
                        /** Why it has nothing to say; null where it has */
                        problem: string | null;
                        /** Each with words that stand in the text */
                        findings: readonly {
                            field: "callToAction" | "desires" | "frameworks" | "hooks" | "keyInsights" | "painPoints" | "sentiment" | "themes" | "tone";
                            value: string;
                            spans: {
                                part: "body" | "title";
                                /** UTF-16 units of the title or the body */
                                start: number;
                                end: number;
                            }[];
                        }[];
                        targetAudience: string | null;
                        /** Findings left out, for their words do not stand in the text */
                        notInText: number;
                        /** Where it says another thing than the analysis; both are kept */
                        differs: readonly {
                            field: "frameworks" | "hooks" | "sentiment" | "tone";
                            analysis: readonly string[];
                            model: readonly string[];
                        }[];
                    } | undefined;
                    /** What could not be looked for, and why */
                    leftOut: {
                        fields: string[];
                        reason: string;
                    }[];
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Patterns among contents, of one author or of several: elaborations, themes, habits and reprints. Nothing is stored. */
        patterns: TRPCQueryProcedure<{
            input: {
                /** The contents to compare, at most 500; of the same id twice one counts */
                contentIds: string[];
            };
            output: {
                patterns: {
                    id: string;
                    type: "elaboration" | "framework" | "hook" | "reprint" | "theme";
                    description: string;
                    confidenceScore: number;
                    /** How it was found */
                    method: string;
                    /** Of the method */
                    version: number;
                    evidence: {
                        contentId: string;
                        /** Its own share in the confidence, 0 to 1 */
                        strength: number;
                        quotes: {
                            /** UTF-16 units of the content’s body */
                            start: number;
                            end: number;
                            text: string;
                            /** The passage that it stands in */
                            passageId?: string | null | undefined;
                        }[];
                        /** Of a step of an elaboration: the content that it grew out of */
                        from?: string | undefined;
                        /** So many times as long */
                        growth?: number | undefined;
                        /** Phrases that the older one does not have */
                        added?: string[] | undefined;
                        /** Sentences of the older one that it says again */
                        kept?: {
                            older: {
                                /** UTF-16 units of the content’s body */
                                start: number;
                                end: number;
                                text: string;
                                /** The passage that it stands in */
                                passageId?: string | null | undefined;
                            };
                            newer: {
                                /** UTF-16 units of the content’s body */
                                start: number;
                                end: number;
                                text: string;
                                /** The passage that it stands in */
                                passageId?: string | null | undefined;
                            };
                            strength: number;
                        }[] | undefined;
                    }[];
                }[];
                /** Ids that no content has */
                unknown: string[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Analyses an author’s contents and finds the patterns among them, now. */
        author: TRPCMutationProcedure<{
            input: {
                /** The author’s id */
                id: string;
            };
            output: {
                authorId: string;
                contents: number;
                patterns: {
                    type: "elaboration" | "framework" | "hook" | "reprint" | "theme";
                    count: number;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** How far the analysis of contents is. */
        health: TRPCQueryProcedure<{
            input: void;
            output: {
                /** Whether contents wait for their analysis */
                status: "behind" | "ok";
                analysisVersion: number;
                patternsVersion: number;
                contents: number;
                /** By this version */
                analysed: number;
                patterns: number;
                /** Whether a language model gives second opinions */
                languageModel: boolean;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    archives: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** All that the key’s user may see as one archive of one moment, for POST /api/imports of an empty server: contents with their passages and analysis, authors, patterns, sources, cards, attributions, and the user’s own private cards, research and subscriptions. */
        export: TRPCQueryProcedure<{
            input: void;
            output: AsyncGenerator<{
                type: "extropy";
                version: 1;
                exportedAt: string;
                /** Whose view of the collection it is */
                userId: string;
            } | {
                type: "attributions" | "authors" | "cardParents" | "cards" | "contentAliases" | "contentAuthors" | "contentChunks" | "contentTextHashes" | "contents" | "patternContents" | "patterns" | "researchSessions" | "sources" | "subscriptionChanges" | "subscriptions" | "users";
                /** The columns of the table, as docs/exports.md names them */
                row: Record<string, unknown>;
            } | {
                type: "done";
                /** The lines before this one: an archive without it broke off */
                lines: number;
                parts: Record<string, {
                    rows: number;
                    hash: string;
                }>;
            }, any, any>;
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    attributions: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Attributes a card to another, and pays the other's author. Takes an Idempotency-Key. */
        create: TRPCMutationProcedure<{
            input: {
                /** The published card that is cited, remixed or answered; its author is paid */
                sourceCardId: string;
                /** Your published card that cites, remixes or answers it */
                targetCardId: string;
                /** citation: 0.1 tokens, remix: 0.5, reply: 0.05 */
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
                /** A decimal string with 8 places */
                tokensTransferred: string;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One attribution. */
        /** One content with its body and its authors. */
        /** One pattern with its words in the contents that it was seen in. */
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
                /** A decimal string with 8 places */
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
        /** Attributions proposed to the caller: cards of others that one of theirs seems to have grown out of, newest first. */
        proposals: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    /** The older card, of another user */
                    sourceCardId: string;
                    sourceTitle: string;
                    sourceUserId: string;
                    sourceUsername: string;
                    sourceDisplayName: string;
                    /** Your card */
                    targetCardId: string;
                    targetTitle: string;
                    /** The share of what the older one says that yours says too */
                    coverage: number;
                    /** So many times as long */
                    growth: number;
                    /** Phrases that the older one does not have */
                    added: string[];
                    /** Sentences of the older one that yours says again */
                    kept: {
                        older: {
                            /** UTF-16 units of the card’s body */
                            start: number;
                            end: number;
                            text: string;
                        };
                        newer: {
                            /** UTF-16 units of the card’s body */
                            start: number;
                            end: number;
                            text: string;
                        };
                        strength: number;
                    }[];
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Makes a proposed attribution, and pays the other's author. Takes an Idempotency-Key. */
        acceptProposal: TRPCMutationProcedure<{
            input: {
                /** The proposal’s id */
                id: string;
                /** citation: 0.1 tokens, remix: 0.5, reply: 0.05 */
                type?: "citation" | "remix" | "reply" | undefined;
                context?: string | undefined;
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
                /** A decimal string with 8 places */
                tokensTransferred: string;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Refuses a proposed attribution: it is not proposed again. */
        refuseProposal: TRPCMutationProcedure<{
            input: {
                /** The proposal’s id */
                id: string;
            };
            output: {
                /** The proposal’s id */
                id: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Attributions that earned a user tokens, newest first. */
        received: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                userId: string;
            };
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
                    /** A decimal string with 8 places */
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
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                cardId: string;
            };
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
                    /** A decimal string with 8 places */
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
                    /** A decimal string with 8 places */
                    tokens: string;
                };
                remix: {
                    count: number;
                    /** A decimal string with 8 places */
                    tokens: string;
                };
                reply: {
                    count: number;
                    /** A decimal string with 8 places */
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
                /** Cards in the answer; nearest ones first */
                maxNodes?: number | undefined;
            };
            output: {
                nodes: {
                    cardId: string;
                    title: string;
                    userId: string;
                    username: string;
                    displayName: string;
                    /** Steps from the card that was asked for */
                    depth: number;
                    /** The cards of this answer that this one cites, remixes or answers */
                    cites: readonly {
                        cardId: string;
                        type: "citation" | "remix" | "reply";
                    }[];
                }[];
                /** Whether there were more cards than maxNodes */
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
        /** Contents, newest first by the time of their ingest. */
        /** Patterns of an author, of a type or of all, newest or surest first. */
        list: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                /** Items a page, 1 to 100 */
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                /** `nextCursor` of the previous page; left out for the first */
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                /** Only actions of this user */
                actorUserId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    /** Null: a command on the server itself */
                    actorUserId: string | null;
                    actorKeyId: string | null;
                    /** The procedure */
                    action: string;
                    /** The id of the object that the action changed */
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
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                /** Part of a name or username; % and _ are ordinary characters */
                search?: string | undefined;
                /** Only authors on this platform */
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
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                /** Only cards of this user */
                userId?: string | undefined;
                category?: string | undefined;
                /** Only cards with exactly this tag */
                tag?: string | undefined;
                /** Only cards about this content */
                contentId?: string | undefined;
                /** Only cards under this card */
                parentCardId?: string | undefined;
                /** Words in title or body; "quoted phrases", -excluded words and `or` work */
                search?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    userId: string;
                    title: string;
                    /** Markdown */
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    /** Unique among its user's cards */
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
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    userId: string;
                    title: string;
                    /** Markdown */
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    /** Unique among its user's cards */
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
                /** Markdown */
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                /** Unique among its user's cards */
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
                /** Markdown */
                body: string;
                tags?: string[] | undefined;
                category?: string | null | undefined;
                /** Only BUSINESS and IDEAS may be published */
                privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                /** The content that the card is about */
                contentId?: string | null | undefined;
                /** A published card, or one of your own */
                parentCardId?: string | null | undefined;
            };
            output: {
                id: string;
                userId: string;
                title: string;
                /** Markdown */
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                /** Unique among its user's cards */
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
                /** Markdown */
                body?: string | undefined;
                tags?: string[] | undefined;
                category?: string | null | undefined;
                /** Only BUSINESS and IDEAS may be published */
                privacyLevel?: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS" | undefined;
                /** The content that the card is about */
                contentId?: string | null | undefined;
                /** A published card, or one of your own */
                parentCardId?: string | null | undefined;
                id: string;
            };
            output: {
                id: string;
                userId: string;
                title: string;
                /** Markdown */
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                /** Unique among its user's cards */
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
                /** Ids of your drafts */
                ids?: string[] | undefined;
                /** New cards; those with a private privacyLevel are left out */
                cards?: {
                    title: string;
                    /** Markdown */
                    body: string;
                    tags?: string[] | undefined;
                    category?: string | null | undefined;
                    /** Only BUSINESS and IDEAS may be published */
                    privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                    /** The content that the card is about */
                    contentId?: string | null | undefined;
                    /** A published card, or one of your own */
                    parentCardId?: string | null | undefined;
                }[] | undefined;
            };
            output: {
                published: {
                    id: string;
                    userId: string;
                    title: string;
                    /** Markdown */
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    /** Unique among its user's cards */
                    slug: string;
                    createdAt: string;
                    privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                    isPublished: boolean;
                    updatedAt: string;
                    publishedAt: string | null;
                }[];
                publishedCount: number;
                /** Cards left out because their privacyLevel is private */
                filteredCount: number;
                /** A decimal string with 8 places; a card earns once, and a user for a limited number of cards a day */
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
                /** Markdown */
                body: string;
                tags: string[];
                category: string | null;
                contentId: string | null;
                parentCardId: string | null;
                /** Unique among its user's cards */
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
        /** Deletes a content with its passages; cards about it stay. */
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
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                sourceUrl?: string | undefined;
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                authorId?: string | undefined;
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
                contentHash: string;
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
                /** How many contents, 1 to 50 */
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
                    /** Its passage nearest to the content asked about */
                    passage: {
                        /** The content id, a colon, the ordinal */
                        id: string;
                        /** 0 for the first passage of its content */
                        ordinal: number;
                        text: string;
                    };
                    /** 0 to 1: the weighed sum of both legs, each scaled to its own best */
                    fusedScore: number;
                    why: {
                        /** What of fusedScore comes from the words */
                        wordShare: number;
                        /** What of it comes from the meaning */
                        vectorShare: number;
                        /** The question's words that the passage or its title has, as lexemes */
                        matchedWords: string[];
                    };
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Other addresses of a content, under which it has been met. */
        aliases: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                items: {
                    url: string;
                    /** The page's own word, a redirect, the same text, or an archive */
                    reason: "archive" | "canonical" | "redirect" | "text";
                    /** Somebody said that it is a piece of its own */
                    isUndone: boolean;
                    createdAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Where a content has been met: by which looks, when, and when next. */
        origins: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                items: {
                    platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                    /** Of the document that it was read from */
                    url: string;
                    httpStatus: number | null;
                    etag: string | null;
                    firstMetAt: string;
                    /** When a look that brought something last had it */
                    lastMetAt: string;
                    /** When the document that is kept was taken; null: none is */
                    snapshotAt: string | null;
                    /** Null: it is not followed */
                    source: {
                        id: string;
                        name: string;
                        status: "active" | "failing" | "gone" | "paused";
                        lastFetchedAt: string | null;
                        /** The next look */
                        nextAt: string | null;
                    } | null;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The document that a content was read from, as it came, where it is kept. */
        snapshot: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                /** Null: none is kept */
                snapshot: {
                    takenAt: string;
                    /** As the source's server named it */
                    contentType: string | null;
                    sizeBytes: number;
                    /** As it came, as text: a page, or a feed’s entry. Somebody else wrote it: never show it as HTML */
                    document: string;
                } | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Merges an address into a content. A content that is stored under it goes; its cards are about this one then. */
        addAlias: TRPCMutationProcedure<{
            input: {
                id: string;
                /** Another address, in any spelling */
                url: string;
            };
            output: {
                items: {
                    url: string;
                    /** The page's own word, a redirect, the same text, or an archive */
                    reason: "archive" | "canonical" | "redirect" | "text";
                    /** Somebody said that it is a piece of its own */
                    isUndone: boolean;
                    createdAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Undoes a merge: the address is a piece of its own, which the next look at it brings in. */
        removeAlias: TRPCMutationProcedure<{
            input: {
                id: string;
                /** Another address, in any spelling */
                url: string;
            };
            output: {
                items: {
                    url: string;
                    /** The page's own word, a redirect, the same text, or an archive */
                    reason: "archive" | "canonical" | "redirect" | "text";
                    /** Somebody said that it is a piece of its own */
                    isUndone: boolean;
                    createdAt: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Stores a content under its source URL: a new one, or in the place of the one that is there. */
        put: TRPCMutationProcedure<{
            input: {
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                /** http or https; what the content is known by */
                sourceUrl: string;
                /** Default: the body's first words */
                title?: string | undefined;
                /** Markdown or text */
                body?: string | undefined;
                /** A name, or several with commas between; or `authors` */
                author?: string | undefined;
                authors?: string[] | undefined;
                /** ISO 8601 */
                publishedAt?: string | undefined;
                /** A language tag; default: as the text tells */
                language?: string | undefined;
                tags?: string[] | undefined;
                /** Likes, views and the like */
                metrics?: Record<string, unknown> | undefined;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                sourceUrl: string;
                /** Display names, joined by ", " */
                author: string;
                title: string;
                tags: string[];
                /** ISO 8601, UTC; null where the source gives none */
                publishedAt: string | null;
                /** ISO 8601, UTC */
                scrapedAt: string;
                body: string;
                /** As the source gave them: likes, views and the like */
                metrics: Record<string, unknown>;
                /** Changes whenever the content does */
                contentHash: string;
                analyzedAt: string | null;
                /** In byline order */
                authors: {
                    id: string;
                    username: string;
                    displayName: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Changes what is named of a content; passages and words follow at once, vectors a little later. */
        update: TRPCMutationProcedure<{
            input: {
                id?: string | undefined;
                /** In the place of the id */
                sourceUrl?: string | undefined;
                /** The contentHash that was read: 409 where the content has changed since */
                ifContentHash?: string | undefined;
                /** Default: the body's first words */
                title?: string | undefined;
                /** Markdown or text */
                body?: string | undefined;
                /** A name, or several with commas between; or `authors` */
                author?: string | undefined;
                authors?: string[] | undefined;
                /** ISO 8601; null: not known */
                publishedAt?: string | null | undefined;
                /** A language tag; null: as the text tells */
                language?: string | null | undefined;
                tags?: string[] | undefined;
                /** Likes, views and the like, in the place of all earlier ones */
                metrics?: Record<string, unknown> | undefined;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                sourceUrl: string;
                /** Display names, joined by ", " */
                author: string;
                title: string;
                tags: string[];
                /** ISO 8601, UTC; null where the source gives none */
                publishedAt: string | null;
                /** ISO 8601, UTC */
                scrapedAt: string;
                body: string;
                /** As the source gave them: likes, views and the like */
                metrics: Record<string, unknown>;
                /** Changes whenever the content does */
                contentHash: string;
                analyzedAt: string | null;
                /** In byline order */
                authors: {
                    id: string;
                    username: string;
                    displayName: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        delete: TRPCMutationProcedure<{
            input: {
                id?: string | undefined;
                sourceUrl?: string | undefined;
            };
            output: {
                id: string;
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
                /** PostgreSQL's own estimate, brought up to date by autovacuum and ANALYZE */
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
                /** Of this server; all of its counters here add up over its workers */
                process: {
                    /** Processes of this server that are counted in here */
                    workers: number;
                    /** Resident, of all of them */
                    memory_mb: number;
                    /** The longest that one of them stood still in the last five to ten minutes */
                    event_loop_max_ms: number;
                };
                cache: {
                    total_entries: number;
                    /** Entries that would answer a request */
                    active_entries: number;
                    /** Expired entries that are not yet removed */
                    expired_entries: number;
                    /** Stale hits included */
                    hits: number;
                    stale_hits: number;
                    misses: number;
                    stores: number;
                    /** Answers not kept because their source had changed meanwhile */
                    refused_stores: number;
                    /** Pushed out to make room */
                    evictions: number;
                    evictions_by_cause: Record<string, number>;
                    /** Percent of reads */
                    hit_rate: number;
                    /** Entries */
                    max_cache_size: number;
                    memory_usage_estimate_mb: number;
                    settings: {
                        default_ttl_seconds: number;
                        /** Seconds by path prefix; the longest wins */
                        rules: Record<string, number>;
                        /** Path prefixes whose answers are never kept */
                        exclude: string[];
                        /** off: parameters that a route does not know are ignored */
                        query_params: "off" | "on";
                    };
                    /** Redis; null where none is configured */
                    shared: {
                        state: "offline" | "online";
                        breaker: string;
                        pending_invalidations: number;
                    } | null;
                };
                database: {
                    status: "healthy" | "unhealthy";
                    /** One query, with its wait for a connection; null where it failed */
                    latency_ms: number | null;
                    pool: {
                        pool_size: number;
                        max_size: number;
                        checked_out: number;
                        checked_in: number;
                        overflow: number;
                        total_connections: number;
                        /** Callers that wait for a connection now */
                        waiting: number;
                        /** Callers sent away since the start */
                        refused: number;
                    };
                    /** Pipelined connections; null where there are none */
                    lane: {
                        connections: number;
                        in_flight: number;
                        left: number;
                    } | null;
                    /** Of DATABASE_REPLICA_URLS */
                    replicas: {
                        /** Its place in DATABASE_REPLICA_URLS, from 1 */
                        number: number;
                        /** Host and port; for admins */
                        name: string | null;
                        /** Read from only where it is up */
                        state: "diverged" | "down" | "lagging" | "up";
                        /** For admins */
                        reason: string | null;
                        /** How long ago the primary had what is not replayed yet */
                        lag_ms: number | null;
                        lag_bytes: number | null;
                        /** Reads answered from it by this server */
                        served: number;
                        connections: number;
                    }[];
                    /** The servers of a DATABASE_URL with several, and what each is; for admins, null where it names one */
                    candidates: Record<string, string> | null;
                    /** Reads since the start by where they ended: all but the served ones on the primary; null without replicas */
                    replica_reads: {
                        served: number;
                        /** No replica was there, or none had replayed enough in time */
                        not_begun: number;
                        /** Done again: the replica had not replayed something that the answer depends on */
                        outdated: number;
                        /** Done again: it failed on the replica */
                        failed: number;
                    } | null;
                };
                /** Of the last five to ten minutes, the busiest first; quantiles within 5 % */
                procedures: {
                    procedure: string;
                    count: number;
                    errors: number;
                    p50_ms: number;
                    p95_ms: number;
                    p99_ms: number;
                }[];
                /** Share of the ten nearest passages that the index finds, on passages at random; null before the first sample */
                vector_index: {
                    recall_at_10: number | null;
                    samples: number;
                };
                /** On all servers together; failed: for good, and kept; null where the database does not answer */
                jobs: {
                    queued: number;
                    running: number;
                    failed: number;
                    oldest_waiting_seconds: number;
                } | null;
                /** Null where nothing is fetched, or the database does not answer */
                intake: {
                    /** By status, of all servers together */
                    sources: {
                        active: number;
                        paused: number;
                        failing: number;
                        gone: number;
                    };
                    /** This server's requests to others since its start, by outcome */
                    /** Every request that was sent for a source, newest first, with what came of it. */
        fetches: Record<string, number>;
                    /** Requests that wait for their turn; those in flight */
                    lanes: {
                        waiting: number;
                        held: number;
                    };
                } | null;
                embedding: {
                    model: string;
                    /** Share of all passages that the model has read, 0 to 1; null where the database does not answer */
                    embedded_share: number | null;
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
                /** The tables with most dead rows first */
                tables: {
                    table: string;
                    live_rows: number;
                    dead_rows: number;
                    dead_share: number;
                    last_vacuum_at: string | null;
                    last_analyze_at: string | null;
                }[] | null;
                /** The reason for each key that is null */
                not_shown: Record<string, string>;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Forgets every cached answer, on all servers. */
        clearCache: TRPCMutationProcedure<{
            input: void;
            output: {
                /** Entries that were in this server's memory; every server's memory was cleared */
                cleared: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Frees this server's memory of entries that can never be served again. */
        cleanupCache: TRPCMutationProcedure<{
            input: void;
            output: {
                /** Entries that could never be served again; the others stay */
                removed: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    imports: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Takes in an archive, which is the body: an export, a zip, bookmarks, OPML, Markdown, up to 2 GiB. Answers 202 with the job that reads it. */
        /** Follows a feed, a site, a channel or a profile. What is followed already stays as it is. */
        create: TRPCMutationProcedure<{
            input: {
                /** The file's name, also with its folder: what has no address is known by them. Default: X-Filename, Content-Disposition, or `upload` */
                name?: string | undefined;
                /** Keep up with the feeds that the archive names */
                follow?: boolean | undefined;
                /** The author of what names none */
                author?: string | undefined;
                /** The site's address, which exports of Substack and Ghost leave out */
                site?: string | undefined;
                /** Take in bookmarks that are marked as private */
                private?: boolean | undefined;
            };
            output: {
                /** Also the job's */
                id: string;
                /** The file's */
                name: string;
                /** Null: the server's own */
                userId: string | null;
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                /** It is to be cancelled, and has not stopped yet */
                isCancelling: boolean;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                /** Of the last run that failed */
                error: string | null;
                /** Null until it has succeeded */
                report: {
                    /** `x`, `reddit`, `markdown`, …; `extropy`: another server’s archive */
                    formats: string[];
                    new: number;
                    changed: number;
                    /** There already as they are, or twice in the archive */
                    unchanged: number;
                    /** They break a rule of ingest; named among the problems */
                    rejected: number;
                    /** Left out, by reason: `draft`, `private`, `repost`, … */
                    skipped: Record<string, number>;
                    problemCount: number;
                    /** The first 50, each with its place */
                    problems: string[];
                    feeds: {
                        found: number;
                        /** Followed from now on */
                        added: number;
                        /** Followed already */
                        known: number;
                        /** No address that can be followed */
                        refused: number;
                    };
                } | null;
                createdAt: string;
                /** Of the last run */
                startedAt: string | null;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The caller's imports with their reports, newest first; to admins everyone's. */
        /** The caller's jobs, newest first; to admins everyone's. */
        /** Things that are kept up with, newest first, each with when it is looked at next and why. */
        list: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                /** Items a page, 1 to 100 */
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                /** `nextCursor` of the previous page; left out for the first */
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                /** failing: still looked at, ever more rarely */
                status?: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded" | undefined;
                /** Default: the caller; an admin's default is everyone */
                /** Default: the caller; an admin's default is everyone */
                userId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    /** Also the job's */
                    id: string;
                    /** The file's */
                    name: string;
                    /** Null: the server's own */
                    /** Null: the server's own */
                    userId: string | null;
                    /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                    /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                    status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                    /** It is to be cancelled, and has not stopped yet */
                    /** It is to be cancelled, and has not stopped yet */
                    isCancelling: boolean;
                    progress: {
                        done: number;
                        total: number | null;
                        perSecond: number | null;
                        secondsLeft: number | null;
                    } | null;
                    /** Of the last run that failed */
                    /** Of the last run that failed */
                    error: string | null;
                    /** Null until it has succeeded */
                    report: {
                        /** `x`, `reddit`, `markdown`, …; `extropy`: another server’s archive */
                        formats: string[];
                        new: number;
                        changed: number;
                        /** There already as they are, or twice in the archive */
                        unchanged: number;
                        /** They break a rule of ingest; named among the problems */
                        rejected: number;
                        /** Left out, by reason: `draft`, `private`, `repost`, … */
                        skipped: Record<string, number>;
                        problemCount: number;
                        /** The first 50, each with its place */
                        problems: string[];
                        feeds: {
                            found: number;
                            /** Followed from now on */
                            added: number;
                            /** Followed already */
                            known: number;
                            /** No address that can be followed */
                            refused: number;
                        };
                    } | null;
                    createdAt: string;
                    /** Of the last run */
                    /** Of the last run */
                    startedAt: string | null;
                    finishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One import: how far it is, and at its end what came in, what was left out and why. */
        /** One job: its state, how far it is, how long it will still take, its last log lines. */
        /** One source. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                /** Also the job's */
                id: string;
                /** The file's */
                name: string;
                /** Null: the server's own */
                /** Null: the server's own */
                userId: string | null;
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                /** It is to be cancelled, and has not stopped yet */
                /** It is to be cancelled, and has not stopped yet */
                isCancelling: boolean;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                /** Of the last run that failed */
                /** Of the last run that failed */
                error: string | null;
                /** Null until it has succeeded */
                report: {
                    /** `x`, `reddit`, `markdown`, …; `extropy`: another server’s archive */
                    formats: string[];
                    new: number;
                    changed: number;
                    /** There already as they are, or twice in the archive */
                    unchanged: number;
                    /** They break a rule of ingest; named among the problems */
                    rejected: number;
                    /** Left out, by reason: `draft`, `private`, `repost`, … */
                    skipped: Record<string, number>;
                    problemCount: number;
                    /** The first 50, each with its place */
                    problems: string[];
                    feeds: {
                        found: number;
                        /** Followed from now on */
                        added: number;
                        /** Followed already */
                        known: number;
                        /** No address that can be followed */
                        refused: number;
                    };
                } | null;
                createdAt: string;
                /** Of the last run */
                /** Of the last run */
                startedAt: string | null;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Stops an import, and deletes its file. What is in by then stays in. */
        /** Cancels a job: at once where it waits; a running one stops, and writes nothing more. */
        cancel: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                /** Also the job's */
                id: string;
                /** The file's */
                name: string;
                /** Null: the server's own */
                /** Null: the server's own */
                userId: string | null;
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                /** It is to be cancelled, and has not stopped yet */
                /** It is to be cancelled, and has not stopped yet */
                isCancelling: boolean;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                /** Of the last run that failed */
                /** Of the last run that failed */
                error: string | null;
                /** Null until it has succeeded */
                report: {
                    /** `x`, `reddit`, `markdown`, …; `extropy`: another server’s archive */
                    formats: string[];
                    new: number;
                    changed: number;
                    /** There already as they are, or twice in the archive */
                    unchanged: number;
                    /** They break a rule of ingest; named among the problems */
                    rejected: number;
                    /** Left out, by reason: `draft`, `private`, `repost`, … */
                    skipped: Record<string, number>;
                    problemCount: number;
                    /** The first 50, each with its place */
                    problems: string[];
                    feeds: {
                        found: number;
                        /** Followed from now on */
                        added: number;
                        /** Followed already */
                        known: number;
                        /** No address that can be followed */
                        refused: number;
                    };
                } | null;
                createdAt: string;
                /** Of the last run */
                /** Of the last run */
                startedAt: string | null;
                finishedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    jobs: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                status?: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded" | undefined;
                kind?: string | undefined;
                userId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    kind: string;
                    subject: string | null;
                    userId: string | null;
                    status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                    isCancelling: boolean;
                    attempt: number;
                    maxAttempts: number;
                    progress: {
                        done: number;
                        total: number | null;
                        perSecond: number | null;
                        secondsLeft: number | null;
                    } | null;
                    error: string | null;
                    createdAt: string;
                    runAfter: string;
                    startedAt: string | null;
                    deadlineAt: string | null;
                    finishedAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                kind: string;
                subject: string | null;
                userId: string | null;
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                isCancelling: boolean;
                attempt: number;
                maxAttempts: number;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                error: string | null;
                createdAt: string;
                runAfter: string;
                startedAt: string | null;
                deadlineAt: string | null;
                finishedAt: string | null;
                log: {
                    at: string;
                    text: string;
                }[];
                result: unknown;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The job again whenever it changes, until it has ended. */
        events: TRPCQueryProcedure<{
            input: {
                id: string;
                /** The last event that the caller has seen; a browser sends it as the header Last-Event-ID */
                lastEventId?: string | undefined;
            };
            output: AsyncGenerator<{
                /** `done` is the last one */
                type: "done" | "progress";
                /** To resume behind it */
                id: string;
                job: {
                    id: string;
                    kind: string;
                    /** The thing that it works on */
                    subject: string | null;
                    /** Null: the server's own */
                    userId: string | null;
                    /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                    status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                    /** It is to be cancelled, and has not stopped yet */
                    isCancelling: boolean;
                    /** Runs begun */
                    attempt: number;
                    maxAttempts: number;
                    progress: {
                        done: number;
                        total: number | null;
                        perSecond: number | null;
                        secondsLeft: number | null;
                    } | null;
                    /** Of the last run that failed */
                    error: string | null;
                    createdAt: string;
                    /** The earliest start, while it is queued */
                    runAfter: string;
                    /** Of the last run */
                    startedAt: string | null;
                    deadlineAt: string | null;
                    finishedAt: string | null;
                    /** The last 20 lines */
                    log: {
                        at: string;
                        text: string;
                    }[];
                    /** Null until it has succeeded */
                    result: unknown;
                };
            }, void, any>;
            meta: object;
            errorShape: ErrorShape;
        }>;
        cancel: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                kind: string;
                subject: string | null;
                userId: string | null;
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                isCancelling: boolean;
                attempt: number;
                maxAttempts: number;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                error: string | null;
                createdAt: string;
                runAfter: string;
                startedAt: string | null;
                deadlineAt: string | null;
                finishedAt: string | null;
                log: {
                    at: string;
                    text: string;
                }[];
                result: unknown;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Runs a job again that failed, died or was cancelled; its finished steps are not repeated. */
        retry: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                kind: string;
                /** The thing that it works on */
                subject: string | null;
                /** Null: the server's own */
                userId: string | null;
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                /** It is to be cancelled, and has not stopped yet */
                isCancelling: boolean;
                /** Runs begun */
                attempt: number;
                maxAttempts: number;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                /** Of the last run that failed */
                error: string | null;
                createdAt: string;
                /** The earliest start, while it is queued */
                runAfter: string;
                /** Of the last run */
                startedAt: string | null;
                deadlineAt: string | null;
                finishedAt: string | null;
                /** The last 20 lines */
                log: {
                    at: string;
                    text: string;
                }[];
                /** Null until it has succeeded */
                result: unknown;
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
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                /** Default: the caller; another user for admins only */
                userId?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    name: string;
                    /** The first characters, to tell keys apart */
                    prefix: string;
                    scopes: ("admin" | "read" | "write")[];
                    isActive: boolean;
                    isRevoked: boolean;
                    revokedAt: string | null;
                    expiresAt: string | null;
                    rateLimitPerHour: number;
                    rotatedFromId: string | null;
                    /** Accurate to about a minute */
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
                /** The purpose, for people */
                name: string;
                /** At most the scopes of the calling key */
                scopes: ("admin" | "read" | "write")[];
                /** ISO 8601; left out: never */
                expiresAt?: string | undefined;
                /** Requests an hour; only admins may exceed the calling key's limit */
                rateLimitPerHour?: number | undefined;
                /** Default: the caller; another user for admins only */
                userId?: string | undefined;
            };
            output: {
                id: string;
                name: string;
                /** The first characters, to tell keys apart */
                prefix: string;
                scopes: ("admin" | "read" | "write")[];
                isActive: boolean;
                isRevoked: boolean;
                revokedAt: string | null;
                expiresAt: string | null;
                rateLimitPerHour: number;
                rotatedFromId: string | null;
                /** Accurate to about a minute */
                lastUsedAt: string | null;
                createdAt: string;
                /** Shown only once, here */
                key: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Replaces a key: name, scopes, limit and expiry stay; the old one works beside it for a while. */
        rotate: TRPCMutationProcedure<{
            input: {
                id: string;
                /** How long the old key still works beside the new one; at most 30 days */
                overlapSeconds?: number | undefined;
            };
            output: {
                id: string;
                name: string;
                /** The first characters, to tell keys apart */
                prefix: string;
                scopes: ("admin" | "read" | "write")[];
                isActive: boolean;
                isRevoked: boolean;
                revokedAt: string | null;
                expiresAt: string | null;
                rateLimitPerHour: number;
                rotatedFromId: string | null;
                /** Accurate to about a minute */
                lastUsedAt: string | null;
                createdAt: string;
                /** Shown only once, here */
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
                /** The first characters, to tell keys apart */
                prefix: string;
                scopes: ("admin" | "read" | "write")[];
                isActive: boolean;
                isRevoked: boolean;
                revokedAt: string | null;
                expiresAt: string | null;
                rateLimitPerHour: number;
                rotatedFromId: string | null;
                /** Accurate to about a minute */
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
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                sort?: "confidence" | "discovered" | undefined;
                authorId?: string | undefined;
                type?: "elaboration" | "framework" | "hook" | "reprint" | "theme" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    authorId: string;
                    type: "elaboration" | "framework" | "hook" | "reprint" | "theme";
                    description: string;
                    confidenceScore: number;
                    discoveredAt: string;
                    method: string;
                    version: number;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                authorId: string;
                type: "elaboration" | "framework" | "hook" | "reprint" | "theme";
                description: string;
                confidenceScore: number;
                discoveredAt: string;
                method: string;
                version: number;
                contentIds: string[];
                evidence: {
                    contentId: string;
                    strength: number;
                    quotes: {
                        start: number;
                        end: number;
                        text: string;
                        passageId?: string | null | undefined;
                    }[];
                    from?: string | undefined;
                    growth?: number | undefined;
                    added?: string[] | undefined;
                    kept?: {
                        older: {
                            start: number;
                            end: number;
                            text: string;
                            passageId?: string | null | undefined;
                        };
                        newer: {
                            start: number;
                            end: number;
                            text: string;
                            passageId?: string | null | undefined;
                        };
                        strength: number;
                    }[] | undefined;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** An idea’s life: the contents of a pattern by their age, with what each step added. */
        timeline: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                type: "elaboration" | "framework" | "hook" | "reprint" | "theme";
                description: string;
                /** The oldest first */
                steps: {
                    content: {
                        id: string;
                        platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                        sourceUrl: string;
                        title: string;
                        publishedAt: string | null;
                    };
                    evidence: {
                        contentId: string;
                        /** Its own share in the confidence, 0 to 1 */
                        strength: number;
                        quotes: {
                            /** UTF-16 units of the content’s body */
                            start: number;
                            end: number;
                            text: string;
                            /** The passage that it stands in */
                            passageId?: string | null | undefined;
                        }[];
                        /** Of a step of an elaboration: the content that it grew out of */
                        from?: string | undefined;
                        /** So many times as long */
                        growth?: number | undefined;
                        /** Phrases that the older one does not have */
                        added?: string[] | undefined;
                        /** Sentences of the older one that it says again */
                        kept?: {
                            older: {
                                /** UTF-16 units of the content’s body */
                                start: number;
                                end: number;
                                text: string;
                                /** The passage that it stands in */
                                passageId?: string | null | undefined;
                            };
                            newer: {
                                /** UTF-16 units of the content’s body */
                                start: number;
                                end: number;
                                text: string;
                                /** The passage that it stands in */
                                passageId?: string | null | undefined;
                            };
                            strength: number;
                        }[] | undefined;
                    };
                }[];
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
                /** A question or a few words, at most 8,000 characters; "a phrase" must be there, -word must not */
                prompt: string;
                /** How many passages, 1 to 100; 10 where it is left out */
                nResults?: number | undefined;
                /** Another name of nResults, for callers of the earlier service */
                n_results?: number | undefined;
                /** Only passages from this platform */
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                /** Only passages by this author: a username or display name, whatever its case */
                author?: string | undefined;
                /** Only passages published then or later */
                publishedAfter?: string | undefined;
                /** Only passages published earlier */
                publishedBefore?: string | undefined;
                /** Only contents that have all of these tags */
                tags?: string[] | undefined;
                /** Kinds of filter that are not to be read in the prompt: their words are searched for like all others */
                asWords?: ("author" | "platform" | "published")[] | undefined;
                /** content: the best passage of each content, its others named beside it */
                groupBy?: "content" | "passage" | undefined;
            };
            output: AsyncGenerator<{
                type: "passages";
                /** Filters that were read in the question, such as a known author: asWords switches them off */
                understood: {
                    kind: "author" | "platform" | "published";
                    /** The author, the platform, or the first day and the day after the last, with / between */
                    value: string;
                    /** The words of the prompt */
                    text: string;
                }[];
                passages: {
                    /** 1 for the best */
                    rank: number;
                    passage: {
                        /** The content id, a colon, the ordinal */
                        id: string;
                        /** 0 for the first passage of its content */
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
                    /** 0 to 1: the weighed sum of both legs, each scaled to its own best */
                    fusedScore: number;
                    /** 0 to 1, whatever else was found: how much of the question's weight is in the passage, and how near it is */
                    relevance: number;
                }[];
            } | {
                type: "sentence";
                text: string;
                /** Passage ids, each one of the passages above; empty: nothing supports it */
                citations: string[];
                /** What it stands on, place by place, of the passages that it cites: GET /api/receipts/{id} looks whether that is still there */
                receipts: {
                    /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                    id: string;
                    passageId: string;
                    contentId: string;
                    /** text: the content's own text; otherwise another of its fields */
                    part: "author" | "publishedAt" | "text";
                    /** In UTF-16 units of the content's text; 0 for another field */
                    start: number;
                    /** Behind the last unit */
                    end: number;
                    /** Of the whole content, when it was read */
                    contentHash: string;
                    /** When the source was read */
                    readAt: string;
                }[];
                /** Numbers that the model cited, but that no passage has */
                rejected: number[];
            } | {
                type: "done";
                /** Written by the language model, or sentences of the passages as they stand */
                kind: "extracted" | "generated";
                model: string | null;
                /** False where the model failed or stopped in the middle of its answer */
                complete: boolean;
                /** What a reader should know: that nothing here answers, and what is missing; why an answer is not whole */
                notice: string | null;
            }, any, any>;
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The passages that answer a question best, by meaning and by word. */
        rag: TRPCQueryProcedure<{
            input: {
                /** A question or a few words, at most 8,000 characters; "a phrase" must be there, -word must not */
                prompt: string;
                /** How many passages, 1 to 100; 10 where it is left out */
                nResults?: number | undefined;
                /** Another name of nResults, for callers of the earlier service */
                n_results?: number | undefined;
                /** Only passages from this platform */
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                /** Only passages by this author: a username or display name, whatever its case */
                author?: string | undefined;
                /** Only passages published then or later */
                publishedAfter?: string | undefined;
                /** Only passages published earlier */
                publishedBefore?: string | undefined;
                /** Only contents that have all of these tags */
                tags?: string[] | undefined;
                /** Kinds of filter that are not to be read in the prompt: their words are searched for like all others */
                asWords?: ("author" | "platform" | "published")[] | undefined;
                /** content: the best passage of each content, its others named beside it */
                groupBy?: "content" | "passage" | undefined;
            };
            output: {
                query: string;
                count: number;
                results: {
                    /** 1 for the best */
                    rank: number;
                    passage: {
                        /** The content id, a colon, the ordinal */
                        id: string;
                        /** 0 for the first passage of its content */
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
                        /** BM25 */
                        textRank: number;
                    } | null;
                    /** 0 to 1: the weighed sum of both legs, each scaled to its own best */
                    fusedScore: number;
                    /** 0 to 1, whatever else was found: how much of the question's weight is in the passage, and how near it is */
                    relevance: number;
                    why: {
                        /** What of fusedScore comes from the words */
                        wordShare: number;
                        /** What of it comes from the meaning */
                        vectorShare: number;
                        /** The question's words that the passage or its title has, as lexemes */
                        matchedWords: string[];
                    };
                    /** Near-duplicates of this passage, folded into it: the best 20 at most */
                    alsoIn: {
                        passageId: string;
                        contentId: string;
                        title: string;
                    }[];
                    /** With groupBy content: the content's further passages, the best 20 at most */
                    otherPassages: {
                        id: string;
                        fusedScore: number;
                    }[];
                }[];
                /** Fewer than asked for exist */
                exhausted: boolean;
                /** How the question was read */
                search: {
                    words: {
                        /** As lexemes; several languages of the collection with / between */
                        word: string;
                        /** That have it; 0: nothing here has the word */
                        passages: number;
                        /** The word asked for, which no passage has */
                        insteadOf?: string | undefined;
                    }[];
                    /** Filters that were read in the prompt, such as a known author: asWords switches them off */
                    understood: {
                        kind: "author" | "platform" | "published";
                        /** The author, the platform, or the first day and the day after the last, with / between */
                        value: string;
                        /** The words of the prompt */
                        text: string;
                    }[];
                    /** What a reader should know: that nothing here is in the language of the question, that the embedding model did not answer */
                    notice: string | null;
                    phrases: string[];
                    excluded: string[];
                    /** Words so common that not all of their passages were candidates; they count in the scores */
                    onlyRescored: string[];
                    /** How the nearest vectors were found */
                    vector: "approximate" | "exact" | "none";
                    /** Share of all passages that the embedding model has read, 0 to 1: the others are found by word alone */
                    embeddedShare: number;
                };
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    receipts: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Whether what a sentence of an answer stands on is still there: unchanged, changed or gone. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                id: string;
                passageId: string;
                contentId: string;
                /** text: the content's own text; otherwise another of its fields */
                part: "author" | "publishedAt" | "text";
                /** In UTF-16 units of the content's text; 0 for another field */
                start: number;
                /** Behind the last unit */
                end: number;
                /** When the source was read */
                readAt: string;
                /** unchanged: the content still says this, here or elsewhere; changed: it does not; gone: there is no such content */
                status: "changed" | "gone" | "unchanged";
                /** Whether anything of the content has changed, or all of it is gone */
                contentChanged: boolean;
                /** What stands there now, as it is stored; null unless unchanged */
                source: string | null;
                title: string | null;
                sourceUrl: string | null;
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
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                status?: "completed" | "failed" | "in_progress" | undefined;
                /** Default: the caller; another user for admins only */
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
                questions: string[];
                targets: string[];
                budget: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                spent: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                /** Its job: GET /api/jobs/{id}/events follows it live */
                jobId: string | null;
                outputs: {
                    /** As planned */
                    questions?: string[] | undefined;
                    fetched?: {
                        target: string;
                        outcome: string;
                        message: string;
                        contents: number;
                    }[] | undefined;
                    /** Contents that have something to do with it, the nearest first */
                    found?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    patterns?: {
                        id: string;
                        type: string;
                        description: string;
                        confidenceScore: number;
                    }[] | undefined;
                    answers?: {
                        question: string;
                        voices: {
                            /** Null: the whole collection */
                            author: string | null;
                            kind: "extracted" | "generated";
                            sentences: {
                                text: string;
                                receipts: {
                                    /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                                    id: string;
                                    passageId: string;
                                    contentId: string;
                                    /** text: the content's own text; otherwise another of its fields */
                                    part: "author" | "publishedAt" | "text";
                                    /** In UTF-16 units of the content's text; 0 for another field */
                                    start: number;
                                    /** Behind the last unit */
                                    end: number;
                                    /** Of the whole content, when it was read */
                                    contentHash: string;
                                    /** When the source was read */
                                    readAt: string;
                                }[];
                            }[];
                        }[];
                        notice: string | null;
                        /** Against the run before */
                        change: "changed" | "new" | "same";
                    }[] | undefined;
                    /** Contents that the receipts of the answers are of */
                    cited?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    /** For want of budget */
                    leftOut?: string[] | undefined;
                    /** Markdown; each sentence of an answer has its receipt in a footnote */
                    report?: string | undefined;
                    /** Why it failed */
                    problem?: string | undefined;
                    /** Of an earlier release */
                    notes?: unknown;
                };
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Begins a session: a job that looks for answers in the collection and in the sources named, and reports. */
        create: TRPCMutationProcedure<{
            input: {
                name: string;
                /** The subject, in a few sentences */
                brief: string;
                /** Left out: the brief's own questions; where it asks none, the brief */
                questions?: string[] | undefined;
                /** Sources to fetch first: pages, feeds, channels, profiles */
                targets?: string[] | undefined;
                platforms?: ("reddit" | "rss" | "twitter" | "web" | "youtube")[] | undefined;
                /** Looked for beside the questions */
                keywords?: string[] | undefined;
                /** Authors whose own words on each question are reported apart */
                targetAuthorities?: string[] | undefined;
                /** Never passed: whatever it no longer suffices for is left out, and the report says so */
                budget?: {
                    /** To other servers */
                    requests?: number | undefined;
                    /** From the start of its first step */
                    seconds?: number | undefined;
                    /** Of the language model, in and out */
                    tokens?: number | undefined;
                } | undefined;
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
                questions: string[];
                targets: string[];
                budget: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                spent: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                /** Its job: GET /api/jobs/{id}/events follows it live */
                jobId: string | null;
                outputs: {
                    /** As planned */
                    questions?: string[] | undefined;
                    fetched?: {
                        target: string;
                        outcome: string;
                        message: string;
                        contents: number;
                    }[] | undefined;
                    /** Contents that have something to do with it, the nearest first */
                    found?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    patterns?: {
                        id: string;
                        type: string;
                        description: string;
                        confidenceScore: number;
                    }[] | undefined;
                    answers?: {
                        question: string;
                        voices: {
                            /** Null: the whole collection */
                            author: string | null;
                            kind: "extracted" | "generated";
                            sentences: {
                                text: string;
                                receipts: {
                                    /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                                    id: string;
                                    passageId: string;
                                    contentId: string;
                                    /** text: the content's own text; otherwise another of its fields */
                                    part: "author" | "publishedAt" | "text";
                                    /** In UTF-16 units of the content's text; 0 for another field */
                                    start: number;
                                    /** Behind the last unit */
                                    end: number;
                                    /** Of the whole content, when it was read */
                                    contentHash: string;
                                    /** When the source was read */
                                    readAt: string;
                                }[];
                            }[];
                        }[];
                        notice: string | null;
                        /** Against the run before */
                        change: "changed" | "new" | "same";
                    }[] | undefined;
                    /** Contents that the receipts of the answers are of */
                    cited?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    /** For want of budget */
                    leftOut?: string[] | undefined;
                    /** Markdown; each sentence of an answer has its receipt in a footnote */
                    report?: string | undefined;
                    /** Why it failed */
                    problem?: string | undefined;
                    /** Of an earlier release */
                    notes?: unknown;
                };
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Runs a session that has ended once more: only what has changed since changes in its report. */
        rerun: TRPCMutationProcedure<{
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
                questions: string[];
                targets: string[];
                budget: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                spent: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                /** Its job: GET /api/jobs/{id}/events follows it live */
                jobId: string | null;
                outputs: {
                    /** As planned */
                    questions?: string[] | undefined;
                    fetched?: {
                        target: string;
                        outcome: string;
                        message: string;
                        contents: number;
                    }[] | undefined;
                    /** Contents that have something to do with it, the nearest first */
                    found?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    patterns?: {
                        id: string;
                        type: string;
                        description: string;
                        confidenceScore: number;
                    }[] | undefined;
                    answers?: {
                        question: string;
                        voices: {
                            /** Null: the whole collection */
                            author: string | null;
                            kind: "extracted" | "generated";
                            sentences: {
                                text: string;
                                receipts: {
                                    /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                                    id: string;
                                    passageId: string;
                                    contentId: string;
                                    /** text: the content's own text; otherwise another of its fields */
                                    part: "author" | "publishedAt" | "text";
                                    /** In UTF-16 units of the content's text; 0 for another field */
                                    start: number;
                                    /** Behind the last unit */
                                    end: number;
                                    /** Of the whole content, when it was read */
                                    contentHash: string;
                                    /** When the source was read */
                                    readAt: string;
                                }[];
                            }[];
                        }[];
                        notice: string | null;
                        /** Against the run before */
                        change: "changed" | "new" | "same";
                    }[] | undefined;
                    /** Contents that the receipts of the answers are of */
                    cited?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    /** For want of budget */
                    leftOut?: string[] | undefined;
                    /** Markdown; each sentence of an answer has its receipt in a footnote */
                    report?: string | undefined;
                    /** Why it failed */
                    problem?: string | undefined;
                    /** Of an earlier release */
                    notes?: unknown;
                };
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Stops a session in progress for good; its finished steps stay in its outputs. */
        cancel: TRPCMutationProcedure<{
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
                questions: string[];
                targets: string[];
                budget: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                spent: {
                    requests: number;
                    seconds: number;
                    tokens: number;
                };
                /** Its job: GET /api/jobs/{id}/events follows it live */
                jobId: string | null;
                outputs: {
                    /** As planned */
                    questions?: string[] | undefined;
                    fetched?: {
                        target: string;
                        outcome: string;
                        message: string;
                        contents: number;
                    }[] | undefined;
                    /** Contents that have something to do with it, the nearest first */
                    found?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    patterns?: {
                        id: string;
                        type: string;
                        description: string;
                        confidenceScore: number;
                    }[] | undefined;
                    answers?: {
                        question: string;
                        voices: {
                            /** Null: the whole collection */
                            author: string | null;
                            kind: "extracted" | "generated";
                            sentences: {
                                text: string;
                                receipts: {
                                    /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                                    id: string;
                                    passageId: string;
                                    contentId: string;
                                    /** text: the content's own text; otherwise another of its fields */
                                    part: "author" | "publishedAt" | "text";
                                    /** In UTF-16 units of the content's text; 0 for another field */
                                    start: number;
                                    /** Behind the last unit */
                                    end: number;
                                    /** Of the whole content, when it was read */
                                    contentHash: string;
                                    /** When the source was read */
                                    readAt: string;
                                }[];
                            }[];
                        }[];
                        notice: string | null;
                        /** Against the run before */
                        change: "changed" | "new" | "same";
                    }[] | undefined;
                    /** Contents that the receipts of the answers are of */
                    cited?: {
                        contentId: string;
                        title: string;
                        sourceUrl: string;
                        author: string;
                        publishedAt: string | null;
                    }[] | undefined;
                    /** For want of budget */
                    leftOut?: string[] | undefined;
                    /** Markdown; each sentence of an answer has its receipt in a footnote */
                    report?: string | undefined;
                    /** Why it failed */
                    problem?: string | undefined;
                    /** Of an earlier release */
                    notes?: unknown;
                };
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    scrape: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Takes in what a target has, and waits 20 seconds for it: then the answer is 202, with the job in Location. */
        fetch: TRPCMutationProcedure<{
            input: {
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                /** A feed, a page, a site, a channel, r/name, @handle: as people write it */
                target: string;
                /** Most contents, 1 to 200 */
                limit?: number | undefined;
                /** The page itself, or a transcript, handed over by a reader who sees what a server does not */
                html?: string | undefined;
                /** Keep up with it from now on, as a source */
                follow?: boolean | undefined;
            };
            output: {
                /** partial: some of it was refused; accepted: it is not over yet, see job_id */
                status: "accepted" | "failed" | "partial" | "success";
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                target: string;
                count: number;
                content_ids: string[];
                /** What came of asking; null while it is not over */
                outcome: "blocked" | "empty" | "failed" | "gone" | "needs-js" | "ok" | "paywalled" | "refused" | "unchanged" | null;
                message: string;
                job_id: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** What the last look at a target brought. */
        last: TRPCQueryProcedure<{
            input: {
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                /** A feed, a page, a site, a channel, r/name, @handle: as people write it */
                target: string;
            };
            output: {
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                target: string;
                lookedAt: string;
                outcome: "blocked" | "empty" | "failed" | "gone" | "needs-js" | "ok" | "paywalled" | "refused" | "unchanged";
                message: string;
                count: number;
                /** Of the contents that the last look met, new or not; some may be deleted since */
                content_ids: string[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** What a platform gives to strangers, what needs which setting, and when it last worked. */
        health: TRPCQueryProcedure<{
            input: {
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
            };
            output: {
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                /** By the latest looks; unknown: there was none */
                status: "failing" | "unknown" | "works";
                /** Without any account */
                works: string[];
                needs: {
                    what: string;
                    setting: string;
                    isSet: boolean;
                }[];
                limits: string[];
                /** When something last came from there */
                lastWorkedAt: string | null;
                lastFailedAt: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    sources: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        list: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                status?: "active" | "failing" | "gone" | "paused" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                    kind: string;
                    target: string;
                    url: string;
                    label: string;
                    title: string | null;
                    siteUrl: string | null;
                    feedUrl: string | null;
                    status: "active" | "failing" | "gone" | "paused";
                    limit: number;
                    intervalSeconds: number | null;
                    folders: string[];
                    addedBy: string | null;
                    failures: number;
                    lastOutcome: string | null;
                    lastMessage: string | null;
                    lastFetchedAt: string | null;
                    lastOkAt: string | null;
                    lastNewAt: string | null;
                    nextAt: string | null;
                    nextReason: string | null;
                    createdAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** All sources as an OPML file, for other readers. */
        opml: TRPCQueryProcedure<{
            input: void;
            output: {
                opml: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                kind: string;
                target: string;
                url: string;
                label: string;
                title: string | null;
                siteUrl: string | null;
                feedUrl: string | null;
                status: "active" | "failing" | "gone" | "paused";
                limit: number;
                intervalSeconds: number | null;
                folders: string[];
                addedBy: string | null;
                failures: number;
                lastOutcome: string | null;
                lastMessage: string | null;
                lastFetchedAt: string | null;
                lastOkAt: string | null;
                lastNewAt: string | null;
                nextAt: string | null;
                nextReason: string | null;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        fetches: TRPCQueryProcedure<{
            input: {
                limit?: number | undefined;
                cursor?: string | undefined;
                id: string;
            };
            output: {
                items: {
                    id: string;
                    fetchedAt: string;
                    url: string;
                    finalUrl: string;
                    redirects: {
                        from: string;
                        to: string;
                        status: number;
                    }[];
                    outcome: "blocked" | "empty" | "failed" | "gone" | "needs-js" | "ok" | "paywalled" | "refused" | "unchanged";
                    reason: string | null;
                    message: string | null;
                    httpStatus: number | null;
                    robots: string | null;
                    wireBytes: number;
                    totalMs: number;
                    waitedMs: number;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        create: TRPCMutationProcedure<{
            input: {
                target: string;
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                limit?: number | undefined;
                intervalSeconds?: number | null | undefined;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                kind: string;
                target: string;
                url: string;
                label: string;
                title: string | null;
                siteUrl: string | null;
                feedUrl: string | null;
                status: "active" | "failing" | "gone" | "paused";
                limit: number;
                intervalSeconds: number | null;
                folders: string[];
                addedBy: string | null;
                failures: number;
                lastOutcome: string | null;
                lastMessage: string | null;
                lastFetchedAt: string | null;
                lastOkAt: string | null;
                lastNewAt: string | null;
                nextAt: string | null;
                nextReason: string | null;
                createdAt: string;
                isNew: boolean;
                jobId: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Follows every feed of an OPML file. */
        importOpml: TRPCMutationProcedure<{
            input: {
                /** The file, as text */
                opml: string;
            };
            output: {
                added: number;
                /** Those that were there already */
                known: number;
                /** Those that are not followed */
                refused: number;
                /** Of those refused, the first 20 */
                problems: {
                    target: string;
                    message: string;
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Looks at a source now; answers with the job that does it. */
        refresh: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                kind: string;
                /** The thing that it works on */
                subject: string | null;
                /** Null: the server's own */
                userId: string | null;
                /** `failed`: for good; `dead`: as often as it may. Both, and `cancelled`, can be retried */
                status: "cancelled" | "dead" | "failed" | "queued" | "running" | "succeeded";
                /** It is to be cancelled, and has not stopped yet */
                isCancelling: boolean;
                /** Runs begun */
                attempt: number;
                maxAttempts: number;
                progress: {
                    done: number;
                    total: number | null;
                    perSecond: number | null;
                    secondsLeft: number | null;
                } | null;
                /** Of the last run that failed */
                error: string | null;
                createdAt: string;
                /** The earliest start, while it is queued */
                runAfter: string;
                /** Of the last run */
                startedAt: string | null;
                deadlineAt: string | null;
                finishedAt: string | null;
                /** The last 20 lines */
                log: {
                    at: string;
                    text: string;
                }[];
                /** Null until it has succeeded */
                result: unknown;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Pauses a source, lets it go on, or sets its interval or limit. */
        update: TRPCMutationProcedure<{
            input: {
                id: string;
                /** A paused source is not looked at until it is no longer paused */
                paused?: boolean | undefined;
                /** Most posts of one look, 1 to 200 */
                limit?: number | undefined;
                /** 15 minutes to 7 days; null: as the source itself suggests */
                intervalSeconds?: number | null | undefined;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                /** The platform's own word: site, feed, channel, … */
                kind: string;
                target: string;
                /** As it is asked for, whole: everybody with a key sees it */
                url: string;
                label: string;
                title: string | null;
                siteUrl: string | null;
                /** The feed that was found for it */
                feedUrl: string | null;
                status: "active" | "failing" | "gone" | "paused";
                limit: number;
                intervalSeconds: number | null;
                folders: string[];
                addedBy: string | null;
                /** In a row */
                failures: number;
                lastOutcome: string | null;
                lastMessage: string | null;
                lastFetchedAt: string | null;
                lastOkAt: string | null;
                /** When it last brought something new */
                lastNewAt: string | null;
                /** When it is looked at next; null while it is paused */
                nextAt: string | null;
                /** Why then */
                nextReason: string | null;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Stops following a source. Its contents and its log stay. */
        delete: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                platform: "reddit" | "rss" | "twitter" | "web" | "youtube";
                /** The platform's own word: site, feed, channel, … */
                kind: string;
                target: string;
                /** As it is asked for, whole: everybody with a key sees it */
                url: string;
                label: string;
                title: string | null;
                siteUrl: string | null;
                /** The feed that was found for it */
                feedUrl: string | null;
                status: "active" | "failing" | "gone" | "paused";
                limit: number;
                intervalSeconds: number | null;
                folders: string[];
                addedBy: string | null;
                /** In a row */
                failures: number;
                lastOutcome: string | null;
                lastMessage: string | null;
                lastFetchedAt: string | null;
                lastOkAt: string | null;
                /** When it last brought something new */
                lastNewAt: string | null;
                /** When it is looked at next; null while it is paused */
                nextAt: string | null;
                /** Why then */
                nextReason: string | null;
                createdAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
    subscriptions: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Your subscriptions, newest first. */
        list: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    kind: "answer" | "search" | "source";
                    name: string;
                    input: Record<string, unknown>;
                    /** When its answer was last made anew */
                    answeredAt: string;
                    createdAt: string;
                    /** The path of its Atom feed: whoever has it may read it */
                    /** A subscription’s Atom feed, for whoever has its address: GET /feeds/{token}. */
        feed: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One of your subscriptions with its answer as it was last told. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                kind: "answer" | "search" | "source";
                name: string;
                input: Record<string, unknown>;
                /** When its answer was last made anew */
                answeredAt: string;
                createdAt: string;
                /** The path of its Atom feed: whoever has it may read it */
                feed: string;
                answer: {
                    contentId: string;
                    text: string;
                    /** For GET /api/receipts/{id} */
                    receipts: string[];
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The differences that were told, newest first: what is new, gone and changed, with receipts. */
        changes: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                id: string;
            };
            output: {
                items: {
                    id: string;
                    sequence: string;
                    createdAt: string;
                    new: {
                        contentId: string;
                        text: string;
                        /** For GET /api/receipts/{id} */
                        receipts: string[];
                    }[];
                    gone: {
                        contentId: string;
                        text: string;
                        /** For GET /api/receipts/{id} */
                        receipts: string[];
                    }[];
                    /** Another sentence of the same content */
                    changed: {
                        before: {
                            contentId: string;
                            text: string;
                            /** For GET /api/receipts/{id} */
                            receipts: string[];
                        };
                        after: {
                            contentId: string;
                            text: string;
                            /** For GET /api/receipts/{id} */
                            receipts: string[];
                        };
                    }[];
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Each difference as it is told; resumable. */
        events: TRPCQueryProcedure<{
            input: {
                id: string;
                /** The last event that the caller has seen; a browser sends it as the header Last-Event-ID */
                lastEventId?: string | undefined;
                /** The stream ends then, and a browser connects again behind the last event; 0: only what was told already */
                waitSeconds?: number | undefined;
            };
            output: AsyncGenerator<{
                type: "change";
                /** Its sequence, to resume behind it */
                id: string;
                change: {
                    id: string;
                    sequence: string;
                    createdAt: string;
                    new: {
                        contentId: string;
                        text: string;
                        /** For GET /api/receipts/{id} */
                        receipts: string[];
                    }[];
                    gone: {
                        contentId: string;
                        text: string;
                        /** For GET /api/receipts/{id} */
                        receipts: string[];
                    }[];
                    /** Another sentence of the same content */
                    changed: {
                        before: {
                            contentId: string;
                            text: string;
                            /** For GET /api/receipts/{id} */
                            receipts: string[];
                        };
                        after: {
                            contentId: string;
                            text: string;
                            /** For GET /api/receipts/{id} */
                            receipts: string[];
                        };
                    }[];
                };
            }, void, any>;
            meta: object;
            errorShape: ErrorShape;
        }>;
        feed: TRPCQueryProcedure<{
            input: {
                token: string;
            };
            output: {
                atom: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Watches an answer, a search or a source: what changes in it is told, and only that. */
        create: TRPCMutationProcedure<{
            input: {
                /** answer: its sentences; search: its results; source: its new contents */
                kind: "answer" | "search" | "source";
                /** Default: the question */
                name?: string | undefined;
                /** For answer and search */
                question?: string | undefined;
                /** For source */
                sourceId?: string | undefined;
                /** Only passages from this platform */
                platform?: "reddit" | "rss" | "twitter" | "web" | "youtube" | undefined;
                /** Only passages by this author */
                author?: string | undefined;
                nResults?: number | undefined;
            };
            output: {
                id: string;
                kind: "answer" | "search" | "source";
                name: string;
                input: Record<string, unknown>;
                /** When its answer was last made anew */
                answeredAt: string;
                createdAt: string;
                /** The path of its Atom feed: whoever has it may read it */
                feed: string;
                answer: {
                    contentId: string;
                    text: string;
                    /** For GET /api/receipts/{id} */
                    receipts: string[];
                }[];
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Watches it no longer; its differences go with it. */
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
                /** A decimal string with 8 places */
                balance: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** The movements into and out of an account, newest first. */
        ledger: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                userId: string;
                /** Only movements of this kind */
                type?: "attribution" | "earn" | "transfer" | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    type: "attribution" | "earn" | "transfer";
                    /** A decimal string with 8 places */
                    amount: string;
                    /** Null: minted */
                    fromUserId: string | null;
                    toUserId: string;
                    cardId: string | null;
                    attributionId: string | null;
                    /** A decimal string with 8 places */
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
                /** A decimal string with 8 places */
                balance: string;
                /** Minted: rewards and awards */
                earned: string;
                /** By transfers */
                received: string;
                /** A decimal string with 8 places */
                sent: string;
                /** By attributions of own cards */
                attributed: string;
                /** For attributions of others’ cards */
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
                /** A decimal string above 0 with at most 8 places */
                amount: string;
            };
            output: {
                id: string;
                /** Null: minted */
                fromUserId: string | null;
                toUserId: string;
                /** A decimal string with 8 places */
                amount: string;
                type: "earn" | "transfer";
                /** The payer's own; null for an award */
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
                /** A decimal string above 0 with at most 8 places */
                amount: string;
                /** Kept in the audit log */
                reason?: string | undefined;
            };
            output: {
                id: string;
                /** Null: minted */
                fromUserId: string | null;
                toUserId: string;
                /** A decimal string with 8 places */
                amount: string;
                type: "earn" | "transfer";
                /** The payer's own; null for an award */
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
        /** All that is kept of a user as one archive, for that user and admins: cards of every kind are in it, secrets of keys are not. */
        export: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: AsyncGenerator<{
                type: "user";
                user: {
                    id: string;
                    username: string;
                    displayName: string;
                    bio: string | null;
                    createdAt: string;
                    /** Null for everyone but the user and admins */
                    email: string | null;
                };
                tokens: {
                    userId: string;
                    /** A decimal string with 8 places */
                    balance: string;
                    /** Minted: rewards and awards */
                    earned: string;
                    /** By transfers */
                    received: string;
                    /** A decimal string with 8 places */
                    sent: string;
                    /** By attributions of own cards */
                    attributed: string;
                    /** For attributions of others’ cards */
                    paid: string;
                    movements: number;
                };
            } | {
                type: "key";
                key: {
                    id: string;
                    name: string;
                    /** The first characters, to tell keys apart */
                    prefix: string;
                    scopes: ("admin" | "read" | "write")[];
                    isActive: boolean;
                    isRevoked: boolean;
                    revokedAt: string | null;
                    expiresAt: string | null;
                    rateLimitPerHour: number;
                    rotatedFromId: string | null;
                    /** Accurate to about a minute */
                    lastUsedAt: string | null;
                    createdAt: string;
                };
            } | {
                type: "card";
                card: {
                    id: string;
                    userId: string;
                    title: string;
                    /** Markdown */
                    body: string;
                    tags: string[];
                    category: string | null;
                    contentId: string | null;
                    parentCardId: string | null;
                    /** Unique among its user's cards */
                    slug: string;
                    createdAt: string;
                    privacyLevel: "BUSINESS" | "IDEAS" | "JOURNAL" | "PERSONAL" | "PRIVATE" | "THOUGHTS";
                    isPublished: boolean;
                    updatedAt: string;
                    publishedAt: string | null;
                };
            } | {
                type: "attributionMade";
                /** One of the user’s cards attributes another’s */
                attribution: {
                    id: string;
                    sourceCardId: string;
                    sourceUserId: string;
                    targetCardId: string;
                    targetUserId: string;
                    type: "citation" | "remix" | "reply";
                    context: string | null;
                    excerpt: string | null;
                    /** A decimal string with 8 places */
                    tokensTransferred: string;
                    createdAt: string;
                };
            } | {
                type: "attributionReceived";
                /** One of the user’s cards attributes another’s */
                attribution: {
                    id: string;
                    sourceCardId: string;
                    sourceUserId: string;
                    targetCardId: string;
                    targetUserId: string;
                    type: "citation" | "remix" | "reply";
                    context: string | null;
                    excerpt: string | null;
                    /** A decimal string with 8 places */
                    tokensTransferred: string;
                    createdAt: string;
                    targetTitle: string;
                    targetUsername: string;
                    targetDisplayName: string;
                };
            } | {
                type: "movement";
                movement: {
                    id: string;
                    type: "attribution" | "earn" | "transfer";
                    /** A decimal string with 8 places */
                    amount: string;
                    /** Null: minted */
                    fromUserId: string | null;
                    toUserId: string;
                    cardId: string | null;
                    attributionId: string | null;
                    /** A decimal string with 8 places */
                    balanceAfter: string;
                    createdAt: string;
                };
            } | {
                type: "researchSession";
                researchSession: {
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
                    questions: string[];
                    targets: string[];
                    budget: {
                        requests: number;
                        seconds: number;
                        tokens: number;
                    };
                    spent: {
                        requests: number;
                        seconds: number;
                        tokens: number;
                    };
                    /** Its job: GET /api/jobs/{id}/events follows it live */
                    jobId: string | null;
                    outputs: {
                        /** As planned */
                        questions?: string[] | undefined;
                        fetched?: {
                            target: string;
                            outcome: string;
                            message: string;
                            contents: number;
                        }[] | undefined;
                        /** Contents that have something to do with it, the nearest first */
                        found?: {
                            contentId: string;
                            title: string;
                            sourceUrl: string;
                            author: string;
                            publishedAt: string | null;
                        }[] | undefined;
                        patterns?: {
                            id: string;
                            type: string;
                            description: string;
                            confidenceScore: number;
                        }[] | undefined;
                        answers?: {
                            question: string;
                            voices: {
                                /** Null: the whole collection */
                                author: string | null;
                                kind: "extracted" | "generated";
                                sentences: {
                                    text: string;
                                    receipts: {
                                        /** For GET /api/receipts/{id}: says all of the below by itself, nothing is stored */
                                        id: string;
                                        passageId: string;
                                        contentId: string;
                                        /** text: the content's own text; otherwise another of its fields */
                                        part: "author" | "publishedAt" | "text";
                                        /** In UTF-16 units of the content's text; 0 for another field */
                                        start: number;
                                        /** Behind the last unit */
                                        end: number;
                                        /** Of the whole content, when it was read */
                                        contentHash: string;
                                        /** When the source was read */
                                        readAt: string;
                                    }[];
                                }[];
                            }[];
                            notice: string | null;
                            /** Against the run before */
                            change: "changed" | "new" | "same";
                        }[] | undefined;
                        /** Contents that the receipts of the answers are of */
                        cited?: {
                            contentId: string;
                            title: string;
                            sourceUrl: string;
                            author: string;
                            publishedAt: string | null;
                        }[] | undefined;
                        /** For want of budget */
                        leftOut?: string[] | undefined;
                        /** Markdown; each sentence of an answer has its receipt in a footnote */
                        report?: string | undefined;
                        /** Why it failed */
                        problem?: string | undefined;
                        /** Of an earlier release */
                        notes?: unknown;
                    };
                    updatedAt: string;
                };
            } | {
                type: "act";
                /** An act of the user’s in the audit log */
                act: {
                    id: string;
                    /** Null: a command on the server itself */
                    actorUserId: string | null;
                    actorKeyId: string | null;
                    /** The procedure */
                    action: string;
                    /** The id of the object that the action changed */
                    target: string | null;
                    details: Record<string, unknown>;
                    address: string | null;
                    requestId: string | null;
                    createdAt: string;
                };
            } | {
                type: "done";
                /** The lines before this one: an archive without it broke off */
                lines: number;
            }, any, any>;
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Users, newest first, or those that a search finds. */
        list: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                /** Part of a username or display name; % and _ are ordinary characters */
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
                /** Unique whatever its case */
                username: string;
            };
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                /** Null for everyone but the user and admins */
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
                /** Null for everyone but the user and admins */
                email: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Makes an account. */
        create: TRPCMutationProcedure<{
            input: {
                /** Unique whatever its case */
                username: string;
                /** Unique whatever its case; seen by the user and by admins only */
                email: string;
                /** Default: the username */
                displayName?: string | undefined;
                bio?: string | null | undefined;
            };
            output: {
                id: string;
                username: string;
                displayName: string;
                bio: string | null;
                createdAt: string;
                /** Null for everyone but the user and admins */
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
                /** Null for everyone but the user and admins */
                email: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Erases a user: cards, keys, research sessions, name and address go; movements of tokens stay, without a name. */
        erase: TRPCMutationProcedure<{
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
    webhooks: TRPCBuiltRouter<{
        ctx: object;
        meta: object;
        errorShape: ErrorShape;
        transformer: false;
    }, TRPCDecorateCreateRouterOptions<{
        /** Your webhooks, newest first. */
        list: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
            } | undefined;
            output: {
                items: {
                    id: string;
                    url: string;
                    description: string | null;
                    events: string[];
                    status: "active" | "disabled";
                    disabledReason: string | null;
                    /** Until then the old secret signs, too */
                    previousUntil: string | null;
                    createdAt: string;
                    updatedAt: string;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** One of your webhooks. */
        byId: TRPCQueryProcedure<{
            input: {
                id: string;
            };
            output: {
                id: string;
                url: string;
                description: string | null;
                events: string[];
                status: "active" | "disabled";
                disabledReason: string | null;
                /** Until then the old secret signs, too */
                previousUntil: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** What was and will be sent to a webhook, newest first, with what came of each attempt. */
        deliveries: TRPCQueryProcedure<{
            input: {
                /** Items a page, 1 to 100 */
                limit?: number | undefined;
                /** `nextCursor` of the previous page; left out for the first */
                cursor?: string | undefined;
                id: string;
                status?: "dead" | "delivered" | "pending" | undefined;
            };
            output: {
                items: {
                    /** The header webhook-id: the same at every attempt */
                    id: string;
                    /** 1 for the endpoint’s first; a replay begins behind one */
                    sequence: string;
                    type: string;
                    /** dead: a day of attempts was in vain; a replay tries again */
                    status: "dead" | "delivered" | "pending";
                    attempts: number;
                    /** The last ten attempts */
                    log: {
                        at: string;
                        status: number | null;
                        message: string;
                        tookMs: number;
                    }[];
                    /** Of a pending one: not before */
                    nextAt: string | null;
                    createdAt: string;
                    deliveredAt: string | null;
                }[];
                nextCursor: string | null;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** An address that is told what happens, signed as Standard Webhooks has it; the secret is shown once. */
        create: TRPCMutationProcedure<{
            input: {
                /** On the public internet: a private address, and a redirect, is refused at every call */
                url: string;
                description?: string | null | undefined;
                /** Left empty: all of them */
                events?: ("research.completed" | "research.failed" | "subscription.changed" | "webhook.test")[] | undefined;
            };
            output: {
                id: string;
                url: string;
                description: string | null;
                events: string[];
                status: "active" | "disabled";
                disabledReason: string | null;
                /** Until then the old secret signs, too */
                previousUntil: string | null;
                createdAt: string;
                updatedAt: string;
                /** Shown once: whsec_ and base64, as Standard Webhooks has it */
                secret: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Changes what is named of a webhook; active lets a disabled one go on. */
        update: TRPCMutationProcedure<{
            input: {
                id: string;
                /** On the public internet: a private address, and a redirect, is refused at every call */
                url?: string | undefined;
                description?: string | null | undefined;
                /** Left empty: all of them */
                events?: ("research.completed" | "research.failed" | "subscription.changed" | "webhook.test")[] | undefined;
                /** active: deliveries that wait go on */
                status?: "active" | "disabled" | undefined;
            };
            output: {
                id: string;
                url: string;
                description: string | null;
                events: string[];
                status: "active" | "disabled";
                disabledReason: string | null;
                /** Until then the old secret signs, too */
                previousUntil: string | null;
                createdAt: string;
                updatedAt: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Deletes a webhook with all that waits for it. */
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
        /** A new secret, shown once; the old one signs beside it for a while. */
        rotate: TRPCMutationProcedure<{
            input: {
                id: string;
                /** For so long the old secret signs beside the new one */
                overlapHours?: number | undefined;
            };
            output: {
                id: string;
                url: string;
                description: string | null;
                events: string[];
                status: "active" | "disabled";
                disabledReason: string | null;
                /** Until then the old secret signs, too */
                previousUntil: string | null;
                createdAt: string;
                updatedAt: string;
                /** Shown once: whsec_ and base64, as Standard Webhooks has it */
                secret: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Sends a webhook a test message; its deliveries say what came of it. */
        test: TRPCMutationProcedure<{
            input: {
                id: string;
            };
            output: {
                deliveryId: string;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
        /** Sends again, in their order, the deliveries behind a sequence: all of them, or only dead ones. */
        replay: TRPCMutationProcedure<{
            input: {
                id: string;
                /** The sequence of the last delivery that is not to come again */
                after?: string | undefined;
                onlyDead?: boolean | undefined;
            };
            output: {
                /** Deliveries that are sent again, in their order */
                count: number;
            };
            meta: object;
            errorShape: ErrorShape;
        }>;
    }>>;
}>>
