/**
 * Shapes of config.toml as people have them. Codex 0.169 accepts every one with `--strict-config`.
 */
export interface Shape {
  readonly name: string;
  readonly text: string;
}

const crlf = (text: string) => text.replaceAll('\n', '\r\n');

/** What another tool of our name may have left. */
const foreignTable = `[model_providers.opencodex]
name = "Somebody else"   # theirs
base_url = "http://localhost:9999/v1"

# headers of theirs
[model_providers.opencodex.http_headers]
x-a = "1"
`;

export const corpus: readonly Shape[] = [
  { name: 'empty', text: '' },
  { name: 'one blank line', text: '\n' },
  { name: 'blank lines only', text: '\n\n\n' },
  { name: 'byte order mark only', text: '\uFEFF' },
  { name: 'comment only', text: '# nothing yet\n' },
  { name: 'comment without a final newline', text: '# nothing yet' },
  { name: 'comment and blank line at the end', text: '# nothing yet\n\n' },
  { name: 'one key', text: 'model = "gpt-5.5"\n' },
  { name: 'one key without a final newline', text: 'model = "gpt-5.5"' },
  { name: 'both keys', text: 'model = "gpt-5.5"\nmodel_provider = "openai"\n' },
  {
    name: 'both keys with comments, other keys between',
    text: '# my model\nmodel = "gpt-5.5" # fast\n# approvals\napproval_policy = "never"\nmodel_provider = "openai" # mine\n\n# end\n',
  },
  {
    name: 'provider key only',
    text: 'model_provider = "openai"\n[tui]\nnotifications = true\n',
  },
  {
    name: 'model without provider before a table',
    text: 'model = "a"\n\n[tui]\nnotifications = true\n',
  },
  { name: 'CRLF', text: crlf('# hi\nmodel = "a"\n\n[tui]\nnotifications = true\n') },
  {
    name: 'CRLF without a final newline',
    text: crlf('model = "a"\n\n[tui]\nnotifications = true'),
  },
  { name: 'byte order mark', text: '\uFEFFmodel = "a"\nmodel_provider = "openai"\n' },
  { name: 'byte order mark and a table first', text: '\uFEFF[tui]\nnotifications = true\n' },
  { name: 'byte order mark, CRLF, no final newline', text: crlf('\uFEFF# c\nmodel = "a"\n# last') },
  { name: 'table first', text: '[tui]\nnotifications = true\n' },
  {
    name: 'table first, with a comment on top',
    text: '# about the tui\n[tui]\nnotifications = true\n',
  },
  {
    name: 'schema directive on top',
    text: '#:schema https://example.test/config-schema.json\n\n[tui]\nnotifications = true\n',
  },
  {
    name: 'schema directive and keys',
    text: '#:schema https://example.test/config-schema.json\nmodel = "a"\n',
  },
  {
    name: 'quoted keys',
    text: '"model" = "a"\n\'model_provider\' = "openai"\n["tui"]\nnotifications = true\n',
  },
  { name: 'escaped key', text: '"mod\\u0065l" = "a"\n' },
  { name: 'indented keys', text: '  model = "a"\n\tmodel_provider="openai"\n' },
  {
    name: 'no blanks at all',
    text: 'model="a"\nmodel_provider=\'openai\'\n[tui]\nnotifications=true',
  },
  {
    name: 'model in a multi-line string',
    text: 'model = """\na\\\n  """ # odd\nmodel_provider = \'\'\'\nopenai\'\'\'\n',
  },
  {
    name: 'text that looks like our marks inside strings',
    text: 'developer_instructions = """\n#opencodex# not a mark\n#opencodex-was# model = "x"\n[model_providers.opencodex]\nmodel = "y"\n"""\nmodel = "a"\n',
  },
  {
    name: 'text that looks like keys and tables inside strings',
    text: "developer_instructions = '''\n[tui]\nmodel = \"x\"\n# \"\"\"\n'''\n",
  },
  {
    name: 'strings with quotes at their ends',
    text: 'developer_instructions = """"quoted" and ""more"""""\nmodel = "\\"]"\n',
  },
  {
    name: 'multi-line arrays with comments and brackets',
    text: 'notify = [\n  "a]", # not the end ]\n  "b#c",\n\n  # model = "x"\n]\nmodel = "a"\n',
  },
  {
    name: 'arrays of tables',
    text: 'model = "a"\n\n[[skills.config]]\npath = "/x"\nenabled = true\n\n[[skills.config]]\npath = "/y"\nenabled = false\n',
  },
  {
    name: 'inline tables',
    text: 'model = "a"\nshell_environment_policy = { inherit = "core", set = { A = "}", B = "{" } }\n',
  },
  {
    name: 'inline table over several lines',
    text: 'shell_environment_policy = {\n  inherit = "core", # }\n  set = { A = "1" },\n}\n',
  },
  {
    name: 'dotted keys',
    text: 'model = "a"\ntui.notifications = true\nsandbox_workspace_write.network_access = true\n',
  },
  {
    name: 'another provider in use',
    text: 'model = "acme/large"\nmodel_provider = "acme"\n\n[model_providers.acme]\nname = "Acme"\nbase_url = "https://acme.test/v1"\nenv_key = "ACME"\nhttp_headers = { "x-y" = "z" }\n\n[model_providers.acme.query_params]\nv = "1"\n',
  },
  {
    name: 'providers table with entries inside',
    text: '[model_providers]\nacme = { name = "Acme", base_url = "https://acme.test/v1" }\n# end of providers\n',
  },
  {
    name: 'providers as dotted root keys',
    text: 'model_providers.acme.name = "Acme"\nmodel_providers.acme.base_url = "https://acme.test/v1"\n\n[tui]\nnotifications = true\n',
  },
  {
    name: 'providers as an inline table',
    text: 'model_providers = { acme = { name = "Acme", base_url = "https://acme.test/v1" } } # mine\nmodel = "a"\n',
  },
  { name: 'providers as an empty inline table', text: 'model_providers = {}\n' },
  { name: 'providers as an inline table, no final newline', text: 'model_providers = { }' },
  {
    name: 'providers as an inline table over several lines',
    text: 'model = "a"\nmodel_providers = {\n  # mine\n  acme = { name = "Acme", base_url = "https://acme.test/v1" },\n}\n[tui]\nnotifications = true\n',
  },
  { name: 'provider of our name by somebody else', text: `model = "a"\n\n${foreignTable}` },
  {
    name: 'provider of our name by somebody else, in use',
    text: `model_provider = "opencodex"\nmodel = "x/y"\n\n${foreignTable}\n[tui]\nnotifications = true`,
  },
  { name: 'provider of our name by somebody else, CRLF', text: crlf(foreignTable) },
  {
    name: 'provider of our name as an inline entry',
    text: '[model_providers]\n  opencodex = { name = "Theirs", base_url = "http://localhost:1/v1" }\nacme = { name = "Acme", base_url = "https://acme.test/v1" }\n',
  },
  {
    name: 'provider of our name as dotted keys',
    text: 'model_providers.opencodex.name = "Theirs"\napproval_policy = "never"\nmodel_providers.opencodex.base_url = "http://localhost:1/v1"\n',
  },
  {
    name: 'a server and a project of our name',
    text: '[mcp_servers.opencodex]\ncommand = "x"\nargs = ["model_providers.opencodex"]\n\n[projects."/home/me/opencodex"]\ntrust_level = "trusted"\n',
  },
  {
    name: 'key of ours inside another table',
    text: '[agents.reviewer]\ndescription = "model = x"\n\n[mcp_servers.a]\ncommand = "x"\nenv = { model = "b", model_provider = "c" }\n',
  },
  {
    name: 'many projects and servers',
    text: `model = "gpt-5.5"\nmodel_reasoning_effort = "high"\n\n${Array.from({ length: 60 }, (_, n) => `[projects."/home/me/p ${n}"]\ntrust_level = "trusted"\n`).join('\n')}\n[mcp_servers.docs]\ncommand = "npx"\nargs = ["-y", "docs"]\n[mcp_servers.docs.env]\nTOKEN = 'C:\\path\\"x"'\n`,
  },
  {
    name: 'odd blanks and long comment banners',
    text: '\n\n#################\n#   Settings    #\n#################\n\n\nmodel   =   "a"   \t\n\n\n\n[tui]   # t\n\nnotifications = true\n\n\n',
  },
  { name: 'lone table header', text: '[tui]' },
  {
    name: 'numbers and dates in every form',
    text: 'tool_output_token_limit = 12_000\nmodel_context_window = 0x20000\n[mcp_servers.a]\ncommand = "x"\nstartup_timeout_sec = 1e1\n',
  },
  {
    name: 'non-ASCII text',
    text: 'developer_instructions = "Grüße, 世界 👋"\n# ∂é\n["tui"]\nnotifications = true\n',
  },
];
