// Narrows the list as soon as a filter is chosen, without a new page. Without
// this file the form has its button.
const form = document.querySelector('#filters');
const found = document.querySelector('#found');
if (form && found && history.pushState) {
  let last = 0;
  const load = async (url, push) => {
    const turn = ++last;
    found.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(url, { credentials: 'omit' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('#found');
      if (turn !== last) return;
      if (!answer.ok || !fresh) { location.assign(url); return; }
      found.replaceChildren(...fresh.childNodes);
      document.title = page.title;
      for (const a of page.querySelectorAll('.langs a')) {
        const here = document.querySelector(`.langs a[lang="${a.lang}"]`);
        if (here) here.href = a.getAttribute('href');
      }
      if (push) history.pushState(null, '', url);
    } catch {
      if (turn === last) location.assign(url);
    } finally {
      if (turn === last) found.removeAttribute('aria-busy');
    }
  };
  const address = () => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) asked.append(name, value.trim());
    return form.getAttribute('action') + (asked.size ? '?' + asked : '');
  };
  form.addEventListener('change', (event) => { if (event.target.matches('select')) load(address(), true); });
  form.addEventListener('submit', (event) => { event.preventDefault(); load(address(), true); });
  window.addEventListener('popstate', () => location.reload());
}
