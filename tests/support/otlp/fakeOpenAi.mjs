// SPDX-License-Identifier: GPL-3.0-or-later
// A local server with the chat completions API of OpenAI: asks for the first tool it is offered, then answers. Streams when asked to.
import http from 'node:http';

const usage = { prompt_tokens: 41, completion_tokens: 9, total_tokens: 50 };
const answerText = 'It is 21 degrees and sunny in Paris.';

function completion(request) {
    const tool = request.tools?.[0]?.function;
    const asked = (request.messages ?? []).some((message) => message.role === 'tool');
    const message = tool && !asked
        ? { role: 'assistant', content: null,
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: tool.name, arguments: '{"city":"Paris"}' } }] }
        : { role: 'assistant', content: answerText };
    return { id: 'chatcmpl-7', object: 'chat.completion', created: 1760000000, model: request.model + '-2026-01-01', usage,
             choices: [{ index: 0, message, logprobs: null, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }] };
}

function pieces(whole) {
    const base = { id: whole.id, object: 'chat.completion.chunk', created: whole.created, model: whole.model };
    const { message, finish_reason } = whole.choices[0];
    const deltas = message.tool_calls
        ? [{ role: 'assistant', tool_calls: [{ index: 0, ...message.tool_calls[0] }] }]
        : message.content.match(/\S+\s*/g).map((content, i) => (i === 0 ? { role: 'assistant', content } : { content }));
    const chunk = (delta, reason) => ({ ...base, choices: [{ index: 0, delta, finish_reason: reason }] });
    return [...deltas.map((delta) => chunk(delta, null)), chunk({}, finish_reason), { ...base, choices: [], usage }];
}

export async function startFakeOpenAi() {
    const server = http.createServer((request, response) => {
        let text = '';
        request.on('data', (data) => (text += data));
        request.on('end', () => {
            const body = JSON.parse(text || '{}');
            if (!request.url.endsWith('/chat/completions')) {
                response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such path"}}');
                return;
            }
            if (body.model === 'broken') {
                response.writeHead(400, { 'content-type': 'application/json' })
                    .end('{"error":{"message":"The model broken does not exist","type":"invalid_request_error","code":"model_not_found"}}');
                return;
            }
            const whole = completion(body);
            if (!body.stream) {
                response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
                return;
            }
            response.writeHead(200, { 'content-type': 'text/event-stream' });
            for (const piece of pieces(whole))
                response.write(`data: ${JSON.stringify(piece)}\n\n`);
            response.end('data: [DONE]\n\n');
        });
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { url: `http://127.0.0.1:${server.address().port}/v1`, answerText, close: () => { server.closeAllConnections(); server.close(); } };
}
