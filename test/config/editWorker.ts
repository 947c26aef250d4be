/** A process that edits config.json again and again; run by updateConfig.test.ts. */
import { updateConfig } from '../../src/config/save.ts';

const [home = '', field = '', edits = ''] = process.argv.slice(2);

for (let edit = 0; edit < Number(edits); edit++) {
  await updateConfig(home, (raw) => {
    const mine = raw[field];
    const shared = raw['shared'];
    return {
      ...raw,
      [field]: [...(Array.isArray(mine) ? mine : []), edit],
      shared: (typeof shared === 'number' ? shared : 0) + 1,
    };
  });
}
