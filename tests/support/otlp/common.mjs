// SPDX-License-Identifier: GPL-3.0-or-later
// What the producers share. Where to send, gzip and headers come from the usual OTEL_EXPORTER_OTLP_* variables, as in any user's program.
import { NodeTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';

// Encoding: "json" or "proto" (third word of the command line, "json" without it).
export const encoding = process.argv[2] ?? 'json';

export function startTracing(service) {
    const seen = { spans: 0, names: [], traces: new Set(), exported: 0, failed: [] };
    const exporter = encoding === 'proto' ? new ProtoExporter() : new JsonExporter();
    const send = exporter.export.bind(exporter);
    exporter.export = (spans, done) => send(spans, (result) => {
        if (result.code === 0)
            seen.exported += spans.length;
        else
            seen.failed.push(String(result.error?.message ?? result.error ?? 'unknown'));
        done(result);
    });
    const counter = {
        onStart() {},
        onEnd(span) {
            ++seen.spans;
            seen.names.push(span.name);
            seen.traces.add(span.spanContext().traceId);
        },
        forceFlush: async () => {},
        shutdown: async () => {},
    };
    const provider = new NodeTracerProvider({
        resource: resourceFromAttributes({ 'service.name': service }),
        spanProcessors: [counter, new BatchSpanProcessor(exporter, { scheduledDelayMillis: 200 })],
    });
    provider.register();
    return {
        provider,
        // Sends the rest and prints what was made, for the test to compare with what arrived.
        async finish(more = {}) {
            await provider.forceFlush().catch(() => {});
            await provider.shutdown().catch(() => {});
            console.log(JSON.stringify({ spans: seen.spans, exported: seen.exported, failed: seen.failed, names: seen.names,
                                         traces: [...seen.traces], ...more }));
        },
    };
}
