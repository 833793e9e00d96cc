import { catalog } from './catalog.ts';
import { dashboard } from './dashboard.ts';
import { explore } from './explore.ts';
import { lineage } from './lineage.ts';
import { runs } from './runs.ts';

/** The texts of the web app. Functions take what changes in them; numbers are formatted before. */
export const en = {
  app: {
    dashboards: 'Dashboards',
    explore: 'Explore',
    catalog: 'Catalog',
    lineage: 'Lineage',
    runs: 'Runs',
    skip: 'Skip to content',
    navigation: 'Main',
    language: 'Language',
    theme: { label: 'Theme', auto: 'Like the system', light: 'Light', dark: 'Dark' },
    published: (when: string) => `Data of ${when}`,
    neverPublished: 'Nothing has been published yet',
    notFound: 'There is no such page.',
    home: 'To the dashboards',
    loading: 'Loading…',
    retry: 'Try again',
    failed: 'That did not work',
    offline: 'The server does not answer. Trying again…',
    close: 'Close',
    copy: 'Copy',
    copied: 'Copied',
  },
  dashboard: dashboard.en,
  explore: explore.en,
  catalog: catalog.en,
  lineage: lineage.en,
  runs: runs.en,
  session: {
    signIn: 'Sign in',
    signOut: 'Sign out',
    operator: 'Operator',
    key: 'Access key',
    hint: 'The operator’s key (serve.admin), or a key or token of the API.',
    wrong: 'That key is not known.',
    needed: 'Sign in to see this.',
    neededHint:
      'The catalog and the runs show SQL and rows of every layer. They are shown on the server’s own machine, and to operators who have signed in.',
    noKey: 'No operator’s key is set: serve: { admin: … } in the configuration.',
  },
};
