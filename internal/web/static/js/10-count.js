// Keeps the count of an open petition true while it is looked at.
const box = document.querySelector('[data-count]');
if (box && !navigator.connection?.saveData) {
  const { count: url, group, every } = box.dataset;
  const [one, few, many, other] = box.dataset.words.split('|');
  const words = { one, few, many, other };
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const usual = (Number(every) || 10) * 1000, longest = 320_000; // milliseconds
  let wait = usual, timer = 0; // no wait: the petition is gone

  const show = (n) => {
    if (!Number.isSafeInteger(n)) return;
    box.querySelector('.n').textContent = String(n).replace(/\B(?=(\d{3})+$)/g, group);
    box.querySelector('.w').textContent = words[rules.select(n)] ?? other;
  };
  const plan = () => {
    clearTimeout(timer);
    if (wait && !document.hidden) timer = setTimeout(ask, wait);
  };
  const ask = async () => {
    let answer = {};
    try {
      answer = await fetch(url, { credentials: 'omit' });
      show((await answer.json()).signature_count);
    } catch {} // again later
    if (answer.ok) {
      // A crowd is told how long; a fifth more spreads them.
      const told = answer.headers.get('Poll-Interval') * 1000;
      wait = told > usual ? Math.min(told, longest) * (1 + Math.random() / 5) : usual;
    } else wait = [404, 410].includes(answer.status) ? 0 : Math.min(2 * wait, longest);
    plan();
  };
  document.addEventListener('visibilitychange', plan);
  plan();
}
