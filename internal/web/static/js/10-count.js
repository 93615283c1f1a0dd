// Keeps the large number of an open petition true while its page is looked at.
// Without this file the page shows the number of the moment it was made.
const box = document.querySelector('[data-count]');
if (box) {
  const { count: url, group, every } = box.dataset;
  const [one, few, many, other] = box.dataset.words.split('|');
  const words = { one, few, many, other };
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const usual = (Number(every) || 10) * 1000, longest = 320_000; // milliseconds; the server says how often
  let wait = usual, timer = 0;

  const show = (n) => {
    if (!Number.isSafeInteger(n)) return;
    box.querySelector('.n').textContent = String(n).replace(/\B(?=(\d{3})+$)/g, group);
    box.querySelector('.w').textContent = words[rules.select(n)] ?? other;
  };
  const plan = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, wait);
  };
  // In a crowd the server tells how long to wait; up to a fifth more, so that
  // not everybody comes back at once.
  const told = (answer) => {
    const pause = Number(answer.headers.get('Poll-Interval')) * 1000;
    return pause > usual ? Math.min(pause, longest) * (1 + Math.random() / 5) : usual;
  };
  const ask = async () => {
    let gone = false;
    try {
      const answer = await fetch(url, { credentials: 'omit' });
      if (answer.ok) show((await answer.json()).signature_count);
      gone = answer.status === 404 || answer.status === 410;
      wait = answer.ok ? told(answer) : Math.min(2 * wait, longest);
    } catch {
      wait = Math.min(2 * wait, longest);
    }
    if (!gone) plan();
    else document.removeEventListener('visibilitychange', plan);
  };
  document.addEventListener('visibilitychange', plan);
  plan();
}
