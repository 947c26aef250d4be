import { useEffect } from 'preact/hooks';
import { useBridge } from './bridge.ts';
import { t } from './l10n.ts';
import { Models } from './pages/Models.tsx';
import { Overview } from './pages/Overview.tsx';
import { Providers } from './pages/Providers.tsx';
import { Requests } from './pages/Requests.tsx';
import { Usage } from './pages/Usage.tsx';
import { Header } from './parts/Header.tsx';
import { TabPanel, Tabs } from './parts/Tabs.tsx';
import { isTab, type Tab } from './tabs.ts';
import { type Answered, type Topic, useAnswer } from './useAnswer.ts';
import { useMemory } from './useMemory.ts';

/** What the header shows; the overview shows more of the same answer. */
const always: readonly Topic[] = ['proxy', 'config'];
const onOverview: readonly Topic[] = [...always, 'activity', 'requests', 'windows'];

/** The page: a header that is always there, and one of five tabs. */
export function App() {
  const bridge = useBridge();
  const [tab, setTab] = useMemory<Tab>('tab', 'overview', isTab);
  const state = useAnswer('GET /api/state', {}, tab === 'overview' ? onOverview : always);
  useEffect(
    () =>
      bridge.onEvent((event) => {
        if (event.type === 'show' && isTab(event.tab)) setTab(event.tab);
      }),
    [bridge, setTab],
  );
  return (
    <>
      <Header state={state.value} />
      <main>
        <Tabs
          label={t('Dashboard pages')}
          tabs={[
            { id: 'overview', title: t('Overview') },
            { id: 'providers', title: t('Providers') },
            { id: 'models', title: t('Models') },
            { id: 'requests', title: t('Requests') },
            { id: 'usage', title: t('Usage') },
          ]}
          selected={tab}
          onSelect={setTab}
        />
        <TabPanel key={tab} id={tab}>
          <Page tab={tab} state={state} show={setTab} />
        </TabPanel>
      </main>
    </>
  );
}

interface PageProps {
  readonly tab: Tab;
  readonly state: Answered<'GET /api/state'>;
  readonly show: (tab: Tab) => void;
}

function Page({ tab, state, show }: PageProps) {
  switch (tab) {
    case 'overview':
      return <Overview state={state.value} problem={state.problem} show={show} />;
    case 'providers':
      return <Providers />;
    case 'models':
      return <Models />;
    case 'requests':
      return <Requests proxy={state.value?.state} />;
    case 'usage':
      return <Usage />;
  }
}
