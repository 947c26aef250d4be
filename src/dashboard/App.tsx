import { useEffect, useState } from 'preact/hooks';
import type { DashboardView } from '../link/dashboardLink.ts';
import { onView } from './bridge.ts';
import { Overview } from './pages/Overview.tsx';

/** The page; nothing is shown before the first view, which comes within milliseconds. */
export function App() {
  const [view, setView] = useState<DashboardView>();
  useEffect(() => onView(setView), []);
  return view === undefined ? null : <Overview view={view} />;
}
