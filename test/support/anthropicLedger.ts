import { randomBytes } from 'node:crypto';
import { messagesOf } from './anthropicMessageRules.ts';
import type { ClaudeModel } from './anthropicModels.ts';
import { invalid } from './anthropicRefusal.ts';
import { at, isRecord, type JsonRecord } from './json.ts';

/**
 * Remembers the thinking that the fake gave out and checks what comes back:
 *   verbatim  https://platform.claude.com/docs/en/build-with-claude/thinking#preserving-thinking-blocks
 *   bound     https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 */
export class ThinkingLedger {
  readonly #issued = new Map<string, Issued>();
  /** By the id of a call: the thinking that came before it in the same answer. */
  readonly #before = new Map<string, readonly string[]>();
  readonly #dropped: string[] = [];

  /** Where blocks of another conversation were dropped instead of refused. */
  get dropped(): readonly string[] {
    return this.#dropped;
  }

  /** A block for this answer; its signature has all characters of Base64. */
  think(body: JsonRecord, thinking: string): JsonRecord {
    const signature = `Ev+/${randomBytes(48).toString('base64')}=`;
    this.#issued.set(signature, { thinking, model: String(body['model']), prefix: prefixOf(body) });
    return { type: 'thinking', thinking, signature };
  }

  redact(body: JsonRecord): JsonRecord {
    const data = `Emwk${randomBytes(48).toString('base64')}`;
    this.#issued.set(data, {
      thinking: undefined,
      model: String(body['model']),
      prefix: prefixOf(body),
    });
    return { type: 'redacted_thinking', data };
  }

  /** What stands in an answer, in its order. */
  answer(blocks: readonly JsonRecord[]): void {
    const before: string[] = [];
    for (const block of blocks) {
      if (isThinking(block)) before.push(keyOf(block));
      if (block['type'] === 'tool_use') this.#before.set(String(block['id']), [...before]);
    }
  }

  check(body: JsonRecord, model: ClaudeModel): void {
    const type = at(body, 'thinking', 'type');
    const thinks = type === undefined ? model.thinksByDefault : type !== 'disabled';
    const messages = messagesOf(body);
    for (const [index, { blocks }] of messages.entries()) {
      for (const [place, block] of blocks.entries()) {
        if (isThinking(block))
          this.#checkBlock(block, index, `messages.${index}.content.${place}`, body, model);
      }
    }
    if (!thinks) return;
    const spoken = messages.findLastIndex(
      ({ role, blocks }) =>
        role === 'user' && blocks.some((block) => block['type'] !== 'tool_result'),
    );
    const turn = messages.slice(spoken + 1).filter(({ role }) => role === 'assistant');
    const first = turn[0]?.blocks[0];
    if (type === 'enabled' && first !== undefined && !isThinking(first)) {
      invalid(
        `messages.${spoken + 1}.content.0.type`,
        `Expected \`thinking\` or \`redacted_thinking\`, but found \`${first['type']}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
      );
    }
    for (const { blocks } of turn) this.#checkWhole(blocks);
  }

  #checkBlock(
    block: JsonRecord,
    index: number,
    path: string,
    body: JsonRecord,
    model: ClaudeModel,
  ): void {
    const known = this.#issued.get(keyOf(block));
    const same = known?.model === body['model'] && known?.thinking === block['thinking'];
    if (known === undefined || !same)
      invalid(path, `Invalid \`signature\` in \`${block['type']}\` block`);
    if (!model.bound || known.prefix === prefixOf(body, index)) return;
    if (at(body, 'thinking', 'block_binding', 'prefix_mismatch_behavior') !== 'drop_block') {
      invalid(
        path,
        'Invalid `signature` in `thinking` block. The block is bound to a different conversation.',
      );
    }
    this.#dropped.push(path);
  }

  /** The thinking of a running tool loop is all there, in its order and place. */
  #checkWhole(blocks: readonly JsonRecord[]): void {
    for (const [place, block] of blocks.entries()) {
      const before = this.#before.get(String(block['id']));
      if (block['type'] !== 'tool_use' || before === undefined) continue;
      const found = blocks.slice(0, place).filter(isThinking).map(keyOf);
      if (JSON.stringify(found) !== JSON.stringify(before)) {
        invalid(
          '',
          '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.',
        );
      }
    }
  }
}

interface Issued {
  readonly thinking: string | undefined;
  readonly model: string;
  readonly prefix: string;
}

function isThinking(block: JsonRecord): boolean {
  return block['type'] === 'thinking' || block['type'] === 'redacted_thinking';
}

function keyOf(block: JsonRecord): string {
  return String(block['type'] === 'thinking' ? block['signature'] : block['data']);
}

/** System, tools and the first messages, without the marks of the cache. */
function prefixOf(body: JsonRecord, messages?: number): string {
  const prefix = {
    system: body['system'],
    tools: body['tools'],
    messages: messagesOf(body).slice(0, messages),
  };
  return JSON.stringify(prefix, (_, value: unknown) =>
    isRecord(value) && 'cache_control' in value ? { ...value, cache_control: undefined } : value,
  );
}
