import { AsyncLocalStorage } from 'node:async_hooks'
import type { Door } from '@extropy/api'
import type { RanStatement } from '@extropy/db'
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { describeStatement, errorType } from './statement-span.ts'

interface RequestOutcome {
  /** A procedure's name, or one of a few others: a span's name must never be text from a caller. */
  readonly name: string
  readonly door: Door
  readonly status: number
  readonly requestId: string | undefined
  /** `X-Cache`, where the answer has it. */
  readonly cacheStatus: string | undefined
}

interface RequestTrace {
  readonly traceId: string
  /** Statements that `work` runs become children of the request's span. */
  run<Result>(work: () => Result): Result
  end(outcome: RequestOutcome): void
}

export interface Tracing {
  /** `traceparent` is the request's header: the span continues the caller's trace, and is recorded where that one is. */
  startRequest(request: { readonly method: string; readonly traceparent: string | undefined }): RequestTrace
  /** For `createDatabase`'s `onStatement`. */
  onStatement(statement: RanStatement): void
  /** Sends the remaining spans, within three seconds. */
  close(): Promise<void>
}

interface TracingOptions {
  /** Where OTLP over HTTP is taken: `…/v1/traces`. */
  readonly url: string
  readonly serviceName: string
  readonly version: string
  /** The share of the traces that begin here which is recorded, 0–1. */
  readonly share: number
  /** Receives the error of spans that could not be sent. */
  readonly onError: (error: unknown) => void
}

/** The time for one export with all its retries: shorter than the last flush, so that its failure is still reported. */
const sendWithinMs = 2500
const flushWithinMs = 3000
const methods = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'])

/**
 * Traces to an OpenTelemetry collector: a span for each request, and below it one for each statement. Import this file
 * only where there is a collector: it loads the SDK.
 */
export function openTracing({ url, serviceName, version, share, onError }: TracingOptions): Tracing {
  setGlobalErrorHandler(onError)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    sampler: new ParentBasedSampler({ root: share < 1 ? new TraceIdRatioBasedSampler(share) : new AlwaysOnSampler() }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url, timeoutMillis: sendWithinMs }) })],
  })
  const tracer = provider.getTracer('extropy', version)
  const propagator = new W3CTraceContextPropagator()
  const contexts = new AsyncLocalStorage<Context>()

  return {
    startRequest({ method, traceparent }) {
      const carrier = { get: () => traceparent, keys: () => ['traceparent'] }
      const parent = propagator.extract(ROOT_CONTEXT, undefined, carrier)
      const attributes = { 'http.request.method': methods.has(method) ? method : '_OTHER' }
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER, attributes }, parent)
      const context = trace.setSpan(parent, span)
      const { traceId } = span.spanContext()
      return { traceId, run: (work) => contexts.run(context, work), end: (outcome) => endRequest(span, outcome) }
    },
    onStatement({ sql, durationMs, error }) {
      const parent = contexts.getStore()
      // Work beside requests, such as a sweep, would make traces of one span.
      if (parent === undefined || !trace.getSpan(parent)?.isRecording()) return
      const { name, attributes } = describeStatement(sql)
      const endTime = Date.now()
      const startTime = endTime - durationMs
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime }, parent)
      if (error !== undefined) fail(span, errorType(error))
      span.end(endTime)
    },
    async close() {
      const { promise: tooLate, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, flushWithinMs)
      await Promise.race([provider.shutdown().catch(onError), tooLate])
      clearTimeout(timer)
    },
  }
}

function endRequest(span: Span, { name, door, status, requestId, cacheStatus }: RequestOutcome): void {
  span.updateName(name)
  span.setAttributes({
    'http.response.status_code': status,
    'extropy.door': door,
    ...(requestId === undefined ? {} : { 'extropy.request_id': requestId }),
    ...(cacheStatus === undefined ? {} : { 'extropy.cache': cacheStatus }),
  })
  if (status >= 500) fail(span, String(status))
  span.end()
}

/** The error's kind, and never its message: PostgreSQL's quote values. */
function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}
