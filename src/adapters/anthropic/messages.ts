import type { Additions } from '../../turn/additions.ts';
import type { AssistantMessage, Message, ToolMessage } from '../../turn/turn.ts';
import { plainCallId } from '../callIds.ts';
import { thinkingBlocks } from './carry.ts';
import { contentBlocks, textBlock } from './content.ts';
import { callInput } from './tools.ts';

/** One message of the request. */
export interface Row {
  readonly role: 'user' | 'assistant' | 'system';
  /** Content blocks as JSON text: what the model wrote goes back as it wrote it. */
  readonly blocks: string[];
  /** Of a user: something besides tool results is said. */
  readonly speaks: boolean;
  /** Of the assistant: it begins with thinking. */
  readonly thinks: boolean;
}

export interface MessageOptions {
  readonly vision: boolean;
  /** Thinking without a signature may go back. */
  readonly unsigned: boolean;
  /** System messages may follow a user message. */
  readonly systemMessages: boolean;
  /** Tools whose arguments are wrapped. */
  readonly wraps: ReadonlySet<string>;
  readonly additions: Additions;
}

/** How many instructions lead: they become `system`. */
export function leadingSystem(messages: readonly Message[]): number {
  const end = messages.findIndex((message) => message.role !== 'system');
  return end < 0 ? messages.length : end;
}

/**
 * The conversation in alternating rows. What comes between two steps of the model is one user row,
 * results first, as the API demands. Instructions among it come behind that row as a system row
 * where the model takes one, else inside it.
 */
export function conversation(
  messages: readonly Message[],
  options: MessageOptions,
): readonly Row[] {
  const rows: Row[] = [];
  let instructions: string[] = [];
  for (const message of messages) {
    switch (message.role) {
      case 'assistant': {
        const blocks = assistantBlocks(message, options);
        if (blocks.length === 0) break;
        instruct(rows, instructions);
        instructions = [];
        append(rows, { role: 'assistant', blocks, speaks: false, thinks: isThinking(blocks[0]) });
        break;
      }
      case 'system':
        if (options.systemMessages) instructions.push(...said(message.content, options));
        else append(rows, user(said(message.content, options), true));
        break;
      case 'user':
        append(rows, user(said(message.content, options), true));
        break;
      case 'tool':
        append(rows, user([toolResult(message, options)], false));
        break;
    }
  }
  instruct(rows, instructions);
  // The API wants the user to begin.
  if (rows[0]?.role !== 'user') {
    const opening = textBlock(options.additions.add('history', '…'));
    rows.unshift(user([JSON.stringify(opening)], true));
  }
  return rows;
}

/**
 * The request goes on with a tool loop whose first step has no thinking: it began with another
 * model, or without thinking.
 */
export function continuesWithoutThinking(rows: readonly Row[]): boolean {
  const first = rows[rows.findLastIndex((row) => row.role === 'user' && row.speaks) + 1];
  return first?.role === 'assistant' && !first.thinks;
}

function user(blocks: string[], speaks: boolean): Row {
  return { role: 'user', blocks, speaks, thinks: false };
}

/** Adds a row, or its blocks to the last row of that role. */
function append(rows: Row[], row: Row): void {
  if (row.blocks.length === 0) return;
  const last = rows.at(-1);
  if (last?.role !== row.role) rows.push(row);
  else
    rows[rows.length - 1] = {
      ...last,
      blocks: [...last.blocks, ...row.blocks],
      speaks: last.speaks || row.speaks,
    };
}

/** A system message is only taken directly behind the user: https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages#limitations */
function instruct(rows: Row[], blocks: string[]): void {
  const role = rows.at(-1)?.role === 'user' ? 'system' : 'user';
  append(rows, { role, blocks, speaks: true, thinks: false });
}

function said(content: Parameters<typeof contentBlocks>[0], options: MessageOptions): string[] {
  const { vision, additions } = options;
  return contentBlocks(content, vision, additions).map((block) => JSON.stringify(block));
}

/** Text behind a call goes before it: calls are last, so that their results can follow at once. */
function assistantBlocks(message: AssistantMessage, options: MessageOptions): string[] {
  const blocks: string[] = [];
  let firstCall = -1;
  for (const part of message.content) {
    switch (part.type) {
      case 'text': {
        const text = said([part], options);
        if (firstCall < 0) blocks.push(...text);
        else blocks.splice(firstCall, 0, ...text);
        if (firstCall >= 0) firstCall += text.length;
        break;
      }
      case 'reasoning':
        for (const block of thinkingBlocks(part.carry, options.unsigned))
          blocks.push(JSON.stringify(block));
        break;
      case 'tool_call': {
        if (firstCall < 0) firstCall = blocks.length;
        const id = JSON.stringify(plainCallId(part.callId));
        const input = callInput(part.name, part.arguments, options.wraps);
        blocks.push(
          `{"type":"tool_use","id":${id},"name":${JSON.stringify(part.name)},"input":${input}}`,
        );
        break;
      }
    }
  }
  // The API refuses a message that ends with thinking.
  while (isThinking(blocks.at(-1))) blocks.pop();
  return blocks;
}

function isThinking(block: string | undefined): boolean {
  return block !== undefined && /^\{"type":"(?:redacted_)?thinking"/.test(block);
}

function toolResult(message: ToolMessage, options: MessageOptions): string {
  const head = { type: 'tool_result', tool_use_id: plainCallId(message.callId) };
  const [first, ...more] = message.content;
  if (first?.type === 'text' && more.length === 0) {
    return JSON.stringify({ ...head, content: first.text });
  }
  const content = contentBlocks(message.content, options.vision, options.additions);
  return JSON.stringify(content.length === 0 ? head : { ...head, content });
}
