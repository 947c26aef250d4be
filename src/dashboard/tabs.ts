const tabs = ['overview', 'providers', 'models', 'requests', 'usage'] as const;

export type Tab = (typeof tabs)[number];

export function isTab(text: string): text is Tab {
  return tabs.some((tab) => tab === text);
}
