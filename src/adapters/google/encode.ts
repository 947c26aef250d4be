import { Additions } from '../../turn/additions.ts';
import type { Turn } from '../../turn/turn.ts';
import type { EncodedRequest } from '../adapter.ts';
import { withExtraBody } from '../extraBody.ts';
import { defined } from '../json.ts';
import type { Target } from '../target.ts';
import { conversation } from './contents.ts';
import { type Rule, ruleFor } from './models.ts';
import { outputRequest } from './outputFormat.ts';
import { thinkingConfig } from './thinking.ts';
import { toolConfig, toolDefinitions } from './tools.ts';

/** Turns a Turn into a GenerateContent request: https://ai.google.dev/api/generate-content */
export function encode(turn: Turn, target: Target): EncodedRequest {
  const rule = ruleFor(target.model, target.quirks.google ?? {});
  const additions = new Additions();
  const output = outputRequest(turn.output, rule, turn.tools.length > 0, additions);
  const { instructions, contents } = conversation(
    turn.messages,
    rule,
    target.traits.vision !== false,
    output.instruction,
    additions,
  );
  const config = defined({
    maxOutputTokens: outputLimit(turn, target, rule),
    temperature: rule.sampling ? turn.temperature : undefined,
    topP: rule.sampling ? turn.topP : undefined,
    thinkingConfig: thinkingConfig(turn.reasoning, target.traits, rule),
    ...output.fields,
  });
  const body = defined({
    systemInstruction: instructions.length === 0 ? undefined : { parts: instructions },
    tools: toolDefinitions(turn.tools),
    toolConfig: toolConfig(turn),
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
    contents,
  });
  return {
    url: endpoint(target, turn.stream),
    headers: {
      'content-type': 'application/json',
      accept: turn.stream ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify(withExtraBody(body, target.quirks.extraBody)),
    additions: additions.list,
  };
}

function outputLimit(turn: Turn, { traits }: Target, rule: Rule): number | undefined {
  if (turn.maxOutputTokens === undefined) return undefined;
  const most = traits.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const whole = turn.stream ? Number.POSITIVE_INFINITY : rule.wholeMaxTokens;
  return Math.min(turn.maxOutputTokens, most, whole);
}

/** A base URL may name the version (`/v1beta`, Vertex's `/v1/publishers/google`) or leave it out. */
function endpoint({ baseUrl, model }: Target, stream: boolean): string {
  const version = /\/v\d\w*(?:\/|$)/.test(baseUrl.replace(/^https?:\/\/[^/]*/i, ''))
    ? ''
    : '/v1beta';
  const name = encodeURIComponent(model.replace(/^models\//, '').toWellFormed());
  const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return `${baseUrl}${version}/models/${name}:${method}`;
}
