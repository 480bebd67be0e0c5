// SPDX-License-Identifier: GPL-3.0-or-later
// The plain OpenTelemetry SDK with spans of the current GenAI conventions: an agent with two model calls, a tool and a failed retry.
import { trace, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { startTracing } from './common.mjs';

const tracing = startTracing('otel-plain');
const tracer = trace.getTracer('weather-agent', '1.2.3');
const text = (role, content, more = {}) => ({ role, parts: [{ type: 'text', content }], ...more });

await tracer.startActiveSpan('invoke_agent weather', { kind: SpanKind.INTERNAL, attributes: {
    'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'weather', 'gen_ai.agent.id': 'agent-1',
    'gen_ai.conversation.id': 'conversation-5', 'gen_ai.provider.name': 'openai',
} }, async (agent) => {
    const question = text('user', 'How is the weather in Paris? 🌤');
    const chat = (name, output, more) => tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes: {
        'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5',
        'gen_ai.request.temperature': 0.5, 'gen_ai.request.max_tokens': 300, 'gen_ai.request.stop_sequences': ['END', 'STOP'],
        'gen_ai.input.messages': JSON.stringify([text('system', 'You are brief.'), question]),
        'server.address': 'api.openai.com', 'server.port': 443, 'my.own.attribute': 'kept', ...more,
    } }, (span) => {
        if (output) {
            span.setAttributes({ 'gen_ai.response.model': 'gpt-5-2026-01-01', 'gen_ai.response.id': 'chatcmpl-7',
                                 'gen_ai.response.finish_reasons': ['stop'], 'gen_ai.usage.input_tokens': 41,
                                 'gen_ai.usage.output_tokens': 9, 'gen_ai.usage.cache_read.input_tokens': 8,
                                 'gen_ai.output.messages': JSON.stringify([output]) });
        } else {
            span.recordException(new Error('Rate limit reached'));
            span.setStatus({ code: SpanStatusCode.ERROR, message: 'Rate limit reached' });
            span.setAttribute('error.type', '429');
        }
        span.end();
    });
    chat('chat gpt-5', null);
    chat('chat gpt-5', { role: 'assistant', finish_reason: 'tool_call',
                         parts: [{ type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } }] });
    tracer.startActiveSpan('execute_tool get_weather', { attributes: {
        'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'get_weather', 'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': 'call_1', 'gen_ai.tool.call.arguments': '{"city":"Paris"}', 'gen_ai.tool.call.result': '{"degrees":21}',
    } }, (span) => { span.addEvent('cache', { hit: false, age: 3 }); span.end(); });
    chat('chat gpt-5', text('assistant', 'It is 21 degrees and sunny in Paris.', { finish_reason: 'stop' }));
    agent.end();
});
await tracing.finish();
