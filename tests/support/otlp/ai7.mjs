// SPDX-License-Identifier: GPL-3.0-or-later
// AI SDK 7 with @ai-sdk/otel: the current GenAI conventions. Needs Node 22.
import { generateText, streamText, tool, isStepCount, registerTelemetry } from 'ai';
import { OpenTelemetry } from '@ai-sdk/otel';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { z } from 'zod';
import { startTracing } from './common.mjs';
import { startFakeOpenAi } from './fakeOpenAi.mjs';

const tracing = startTracing('ai-sdk-7');
registerTelemetry(new OpenTelemetry());
const fake = await startFakeOpenAi();
const model = createOpenAICompatible({ name: 'local', baseURL: fake.url, apiKey: 'none' }).chatModel('small');
const tools = { get_weather: tool({ description: 'The weather of a city', inputSchema: z.object({ city: z.string() }),
                                    execute: async ({ city }) => ({ city, degrees: 21 }) }) };
const telemetry = { isEnabled: true, functionId: 'weather' };
const answer = await generateText({ model, tools, stopWhen: isStepCount(3), instructions: 'You are brief.',
                                    prompt: 'How is the weather in Paris?', telemetry });
const stream = streamText({ model, prompt: 'And tomorrow?', telemetry });
let streamed = '';
for await (const piece of stream.textStream)
    streamed += piece;
fake.close();
await tracing.finish({ answer: answer.text, streamed });
