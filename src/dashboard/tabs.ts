import { oneOf } from './useMemory.ts';

const tabs = ['overview', 'providers', 'models', 'requests', 'usage'] as const;

export type Tab = (typeof tabs)[number];

export const isTab = oneOf(tabs);
