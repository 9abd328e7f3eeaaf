// Vercel's AI SDK over any of its providers, streamed, with a tool.
import { anthropic } from "@ai-sdk/anthropic";
import { openai } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { QUESTION, getWeather } from "./weather.mjs";

const compatible = () =>
  createOpenAICompatible({ name: "dragoman", baseURL: process.env.OPENAI_BASE_URL });
const [integration, id] = process.argv.slice(2);
const model = {
  responses: (id) => openai(id),
  chat: (id) => openai.chat(id),
  anthropic: (id) => anthropic(id),
  compatible: (id) => compatible()(id),
}[integration](id);

const { textStream } = streamText({
  model,
  prompt: QUESTION,
  stopWhen: stepCountIs(3),
  onError: ({ error }) => {
    console.error(error);
    process.exitCode = 1;
  },
  tools: {
    get_weather: tool({
      description: "Say how warm it is in a city.",
      inputSchema: z.object({ city: z.string() }),
      execute: getWeather,
    }),
  },
});
for await (const piece of textStream) process.stdout.write(piece);
