// SPDX-License-Identifier: GPL-3.0-or-later
// An MCP server of the era 2026-07-28 made with the SDK v2: `node modern.mjs stdio`, or `node modern.mjs http` (prints its URL on standard
// output). It has many tools (paged), tools that ask back, report progress, change the list, take arguments as headers, and wait.
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { Server, createMcpHandler, inputRequired } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const pageSize = 5;
let extra = false; // whether the tool "extra" is listed
let notifier = null; // of HTTP
let cancelled = 0;
const schema = (properties, required = Object.keys(properties)) => ({ type: 'object', properties, required });
const text = (value, more = {}) => ({ content: [{ type: 'text', text: value }], ...more });

const named = [
    { name: 'echo', description: 'Gives the text back.', inputSchema: schema({ text: { type: 'string' } }) },
    { name: 'meta', description: 'Gives the request\'s _meta back.', inputSchema: schema({}) },
    { name: 'sum', description: 'Adds.', inputSchema: schema({ a: { type: 'number' }, b: { type: 'number' } }),
      outputSchema: schema({ sum: { type: 'number' } }) },
    { name: 'number', description: 'Structured content that is no object.', inputSchema: schema({}), outputSchema: { type: 'integer' } },
    { name: 'slow', description: 'Reports progress.', inputSchema: schema({ steps: { type: 'integer' } }) },
    { name: 'wait', description: 'Ends when it is cancelled.', inputSchema: schema({}) },
    { name: 'cancelled', description: 'How many waits were cancelled.', inputSchema: schema({}) },
    { name: 'deploy', description: 'Asks for a confirmation first.', inputSchema: schema({ env: { type: 'string' } }) },
    { name: 'toggle', description: 'Adds or removes the tool extra.', inputSchema: schema({}) },
    { name: 'region', description: 'Takes an argument as a header too.',
      inputSchema: schema({ region: { type: 'string', 'x-mcp-header': 'Region' }, note: { type: 'string' } }, ['region']) },
    { name: 'broken-header', description: 'Must not be used over HTTP.',
      inputSchema: schema({ value: { type: 'number', 'x-mcp-header': 'Value' } }) },
    { name: 'fails', description: 'Fails.', inputSchema: schema({}) },
];
const tools = () => [...named, ...(extra ? [{ name: 'extra', description: 'Comes and goes.', inputSchema: schema({}) }] : [])];

async function call(request, ctx) {
    const { name, arguments: args = {} } = request.params;
    switch (name) {
    case 'echo': return text(args.text);
    case 'meta': return text(JSON.stringify({ ...ctx.mcpReq._meta, ...ctx.mcpReq.envelope }));
    case 'sum': return text(String(args.a + args.b), { structuredContent: { sum: args.a + args.b } });
    case 'number': return text('7', { structuredContent: 7 });
    case 'slow':
        for (let i = 1; i <= args.steps; ++i) {
            await ctx.mcpReq.notify({ method: 'notifications/progress',
                params: { progressToken: ctx.mcpReq._meta?.progressToken, progress: i, total: args.steps, message: `step ${i}` } });
            await new Promise(done => setTimeout(done, 5));
        }
        return text('done');
    case 'wait':
        await ctx.mcpReq.notify({ method: 'notifications/progress', // it is under way
            params: { progressToken: ctx.mcpReq._meta?.progressToken, progress: 1 } });
        if (!ctx.mcpReq.signal.aborted)
            await new Promise(done => ctx.mcpReq.signal.addEventListener('abort', done, { once: true }));
        ++cancelled;
        return text('was cancelled');
    case 'cancelled': return text(String(cancelled));
    case 'deploy': {
        const reply = ctx.mcpReq.inputResponses?.confirm;
        if (!reply)
            return inputRequired({ requestState: 'stäte "1"\n\u0001 ' + args.env, inputRequests: { confirm: inputRequired.elicit({
                message: `Deploy to ${args.env}?`,
                requestedSchema: { type: 'object', properties: { sure: { type: 'boolean' }, reason: { type: 'string', default: 'because' } },
                                   required: ['sure'] } }) } });
        const state = ctx.mcpReq.requestState();
        return text(JSON.stringify({ reply, state: state === 'stäte "1"\n\u0001 ' + args.env }));
    }
    case 'toggle':
        extra = !extra;
        if (notifier)
            notifier.toolsChanged();
        else
            for (const server of servers)
                server.sendToolListChanged();
        return text('toggled');
    case 'region': return text(args.region);
    case 'fails': return text('it went wrong', { isError: true });
    case 'extra': return text('extra');
    }
    throw Object.assign(new Error(`no tool ${name}`), { code: -32602 });
}

const servers = new Set();
function make() {
    const server = new Server({ name: 'modern', version: '1.2.3', title: 'A modern server' },
        { capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: {} }, instructions: 'Be kind.' });
    server.setRequestHandler('tools/list', async request => {
        const from = Number(request.params?.cursor ?? 0), all = tools();
        return { tools: all.slice(from, from + pageSize), ttlMs: 0, cacheScope: 'private',
                 ...(from + pageSize < all.length ? { nextCursor: String(from + pageSize) } : {}) };
    });
    server.setRequestHandler('tools/call', call);
    server.setRequestHandler('resources/list', async () => ({ resources: [{ uri: 'test://one', name: 'one', mimeType: 'text/plain' }], ttlMs: 0, cacheScope: 'private' }));
    server.setRequestHandler('resources/templates/list', async () => ({ resourceTemplates: [{ uriTemplate: 'test://{x}', name: 'any' }], ttlMs: 0, cacheScope: 'private' }));
    server.setRequestHandler('resources/read', async request => ({ contents: [{ uri: request.params.uri, mimeType: 'text/plain', text: 'one' }], ttlMs: 0, cacheScope: 'private' }));
    server.setRequestHandler('prompts/list', async () => ({ prompts: [{ name: 'greet', arguments: [{ name: 'who', required: true }] }], ttlMs: 0, cacheScope: 'private' }));
    server.setRequestHandler('prompts/get', async request => ({
        messages: [{ role: 'user', content: { type: 'text', text: `Hello ${request.params.arguments?.who}` } }] }));
    servers.add(server);
    return server;
}

if (process.argv[2] === 'stdio') {
    serveStdio(make, { onerror: error => console.error('serveStdio:', error.message) });
} else {
    const handler = createMcpHandler(make, { legacy: 'reject', onerror: error => console.error('handler:', error.message) });
    notifier = handler.notify;
    const http = createServer(async (request, response) => {
        const stop = new AbortController();
        response.on('close', () => stop.abort());
        const body = request.method === 'POST' ? Readable.toWeb(request) : undefined;
        const answer = await handler.fetch(new Request(`http://127.0.0.1${request.url}`,
            { method: request.method, headers: request.headers, body, duplex: 'half', signal: stop.signal }));
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        if (!answer.body)
            return response.end();
        Readable.fromWeb(answer.body).on('error', () => response.destroy()).pipe(response);
    });
    http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
    process.stdin.on('end', () => process.exit(0)).resume();
}
