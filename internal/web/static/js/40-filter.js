// Narrows the list as soon as a filter is chosen, without a new page. Without
// this file the form has its button.
const form = document.querySelector('#filters');
const found = document.querySelector('#found');
if (form && found && history.pushState) {
  let under = null; // the answer that is awaited; a newer wish gives it up
  let shown = location.pathname + location.search;
  const load = async (url, push) => {
    under?.abort();
    const mine = under = new AbortController();
    found.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(url, { credentials: 'omit', signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('#found');
      if (mine !== under) return;
      if (!answer.ok || !fresh) { location.assign(url); return; }
      found.replaceChildren(...fresh.childNodes);
      document.title = page.title;
      for (const a of page.querySelectorAll('.langs a')) {
        const here = document.querySelector(`.langs a[lang="${a.lang}"]`);
        if (here) here.href = a.getAttribute('href');
      }
      if (push && url !== shown) history.pushState(null, '', url);
      shown = url;
    } catch {
      if (mine === under) location.assign(url);
    } finally {
      if (mine === under) found.removeAttribute('aria-busy');
    }
  };
  const address = () => {
    const asked = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) asked.append(name, value.trim());
    return form.getAttribute('action') + (asked.size ? '?' + asked : '');
  };
  form.addEventListener('change', (event) => { if (event.target.matches('select')) load(address(), true); });
  form.addEventListener('submit', (event) => { event.preventDefault(); load(address(), true); });
  // Back and forth: the fields say what the address says. A link within the page
  // comes here, too, and changes nothing.
  window.addEventListener('popstate', () => {
    const url = location.pathname + location.search;
    if (url === shown) return;
    const asked = new URLSearchParams(location.search);
    for (const field of form.elements) if (field.name) field.value = asked.get(field.name) ?? '';
    load(url, false);
  });
}
