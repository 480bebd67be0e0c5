// SPDX-License-Identifier: GPL-3.0-or-later
// The same conversation through an instrumented client of the openai package, inside a span of the program itself.
import { trace } from '@opentelemetry/api';

export async function converse(client) {
    const tools = [{ type: 'function', function: { name: 'get_weather', description: 'The weather of a city', parameters: {
        type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
    const messages = [{ role: 'system', content: 'You are brief.' }, { role: 'user', content: 'How is the weather in Paris?' }];
    return trace.getTracer('program').startActiveSpan('weather report', async (span) => {
        const first = await client.chat.completions.create({ model: 'small', temperature: 0.2, messages, tools });
        messages.push(first.choices[0].message);
        messages.push({ role: 'tool', tool_call_id: 'call_1', content: '{"degrees":21}' });
        const second = await client.chat.completions.create({ model: 'small', messages, tools });
        let streamed = '';
        for await (const piece of await client.chat.completions.create({ model: 'small', stream: true,
                                                                         stream_options: { include_usage: true },
                                                                         messages: [{ role: 'user', content: 'And tomorrow?' }] }))
            streamed += piece.choices[0]?.delta?.content ?? '';
        const failed = await client.chat.completions.create({ model: 'broken', messages: [{ role: 'user', content: 'Hello?' }] })
            .then(() => '', (error) => error.message);
        span.end();
        return { answer: second.choices[0].message.content, streamed, failed_call: failed };
    });
}
