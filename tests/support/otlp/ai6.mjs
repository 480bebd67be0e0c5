// SPDX-License-Identifier: GPL-3.0-or-later
// AI SDK 6: experimental_telemetry, the ai.* dialect. A tool loop and a streamed answer.
import { generateText, streamText, tool, stepCountIs } from 'ai6';
import { createOpenAICompatible } from 'ai6-openai-compatible';
import { z } from 'zod';
import { startTracing } from './common.mjs';
import { startFakeOpenAi } from './fakeOpenAi.mjs';

const tracing = startTracing('ai-sdk-6');
const fake = await startFakeOpenAi();
const model = createOpenAICompatible({ name: 'local', baseURL: fake.url, apiKey: 'none' }).chatModel('small');
const tools = { get_weather: tool({ description: 'The weather of a city', inputSchema: z.object({ city: z.string() }),
                                    execute: async ({ city }) => ({ city, degrees: 21 }) }) };
const telemetry = { isEnabled: true, functionId: 'weather', metadata: { userId: 'ann' } };
const answer = await generateText({ model, tools, stopWhen: stepCountIs(3), system: 'You are brief.',
                                    prompt: 'How is the weather in Paris?', experimental_telemetry: telemetry });
const stream = streamText({ model, prompt: 'And tomorrow?', experimental_telemetry: telemetry });
let streamed = '';
for await (const piece of stream.textStream)
    streamed += piece;
fake.close();
await tracing.finish({ answer: answer.text, streamed });
