// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the bodies a producer sends, as they came: node capture.mjs FOLDER PRODUCER.mjs [json|proto]
import http from 'node:http';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';

const [folder, producer, encoding = 'json'] = process.argv.slice(2);
const counts = {};
const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (data) => parts.push(data));
    request.on('end', () => {
        const kind = request.url.split('/').pop();
        const json = (request.headers['content-type'] ?? '').includes('json');
        const number = (counts[kind] = (counts[kind] ?? 0) + 1);
        const name = [path.basename(producer, '.mjs'), ...(kind === 'traces' ? [] : [kind]), ...(number > 1 ? [number] : [])].join('-');
        fs.writeFileSync(path.join(folder, name + (json ? '.json' : '.pb')), Buffer.concat(parts));
        response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(json ? '{}' : '');
    });
});
server.listen(0, '127.0.0.1', () => {
    fs.mkdirSync(folder, { recursive: true });
    const endpoint = `http://127.0.0.1:${server.address().port}`;
    spawn(process.execPath, [producer, encoding], { stdio: 'inherit', env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
        .on('exit', (code) => { server.close(); server.closeAllConnections(); process.exitCode = code; });
});
