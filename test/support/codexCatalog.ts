/**
 * An entry of Codex's model catalog with every field that Codex 0.169 demands, for scenarios whose
 * model works in another way than the proxy's own catalog says.
 */
export function catalogEntry(slug: string, changes: object): object {
  return {
    slug,
    display_name: 'Sim',
    description: 'A model of the tests',
    supported_reasoning_levels: [
      { effort: 'low', description: 'Quick' },
      { effort: 'medium', description: 'Balanced' },
      { effort: 'high', description: 'Thorough' },
    ],
    default_reasoning_level: 'medium',
    shell_type: 'unified_exec',
    visibility: 'list',
    supported_in_api: true,
    priority: 1,
    base_instructions: 'You are a careful engineer.',
    support_verbosity: false,
    apply_patch_tool_type: 'freeform',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    context_window: 200_000,
    experimental_supported_tools: [],
    input_modalities: ['text', 'image'],
    ...changes,
  };
}
