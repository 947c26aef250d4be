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
import { useMemory } from './useMemory.ts';

/** The page: a header that is always there, and one of five tabs. */
export function App() {
  const bridge = useBridge();
  const [tab, setTab] = useMemory<Tab>('tab', 'overview', isTab);
  useEffect(
    () =>
      bridge.onEvent((event) => {
        if (event.type === 'show' && isTab(event.tab)) setTab(event.tab);
      }),
    [bridge],
  );
  return (
    <>
      <Header />
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
        <TabPanel id={tab}>
          <Page tab={tab} show={setTab} />
        </TabPanel>
      </main>
    </>
  );
}

function Page({ tab, show }: { tab: Tab; show: (tab: Tab) => void }) {
  switch (tab) {
    case 'overview':
      return <Overview show={show} />;
    case 'providers':
      return <Providers />;
    case 'models':
      return <Models />;
    case 'requests':
      return <Requests />;
    case 'usage':
      return <Usage />;
  }
}
