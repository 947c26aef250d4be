import { Additions } from './additions.ts';
import type { AssistantMessage, ImagePart, Message, TextPart, ToolMessage } from './turn.ts';

/**
 * Writes earlier tool calls and their results as text. Needed where a request offers no tools but
 * its history has calls, as Codex's local compaction does: Anthropic and others refuse calls without
 * tool definitions, and definitions would invite the model to call instead of to summarise.
 * Reasoning goes too: its signatures belong to the calls.
 */
export function callsAsText(messages: readonly Message[], additions = new Additions()): Message[] {
  const out: Message[] = [];
  let results: (TextPart | ImagePart)[] | undefined;
  for (const message of messages) {
    if (message.role === 'tool') {
      if (results === undefined) {
        results = [];
        out.push({ role: 'user', content: results });
      }
      results.push(...resultText(message, additions));
      continue;
    }
    results = undefined;
    out.push(message.role === 'assistant' ? assistantText(message, additions) : message);
  }
  return out;
}

function assistantText(message: AssistantMessage, additions: Additions): AssistantMessage {
  const content: TextPart[] = [];
  for (const part of message.content) {
    if (part.type === 'text') content.push(part);
    else if (part.type === 'tool_call') {
      const head = additions.add('calls_as_text', `[Tool call: ${part.name}]`);
      content.push({ type: 'text', text: `${head}\n${part.arguments}` });
    }
  }
  return { role: 'assistant', content };
}

function resultText(message: ToolMessage, additions: Additions): readonly (TextPart | ImagePart)[] {
  const head = additions.add('calls_as_text', `[Tool result: ${message.name}]`);
  return [{ type: 'text', text: head }, ...message.content];
}
