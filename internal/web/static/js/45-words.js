// Completes the last word in a search box, as a combobox: arrows choose, Enter
// searches, Escape closes. Without this file, and for who saves data, the box
// is a box.
const box = document.querySelector('[data-complete]');
if (box && !navigator.connection?.saveData) {
  const { complete: url, label, forms } = box.dataset;
  const [one, few, many, other] = forms.split('|');
  const lang = document.documentElement.lang;
  const rules = new Intl.PluralRules(lang);
  const known = new Map();
  let timer = 0, turn = 0, chosen = -1; // a late answer has an old turn

  const list = document.createElement('ul');
  list.id = box.id + '-words';
  list.className = 'words';
  list.hidden = true;
  const said = document.createElement('span');
  said.className = 'vh';
  for (const [e, all] of [[list, { role: 'listbox', 'aria-label': label }], [said, { role: 'status' }],
    [box, { role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id }]]) {
    for (const name in all) e.setAttribute(name, all[name]);
  }
  box.parentElement.classList.add('combo');
  box.after(list, said);

  const close = () => {
    clearTimeout(timer);
    turn++;
    chosen = -1;
    list.hidden = true;
    said.textContent = '';
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  };
  const choose = (n) => {
    chosen = n;
    [...list.children].forEach((o, i) => o.setAttribute('aria-selected', i === n));
    if (n < 0) { box.removeAttribute('aria-activedescendant'); return; }
    box.setAttribute('aria-activedescendant', list.children[n].id);
    list.children[n].scrollIntoView({ block: 'nearest' });
  };
  const search = (text) => {
    box.value = text;
    close();
    box.form.requestSubmit();
  };
  const show = (words) => {
    if (!words.length || document.activeElement !== box) { close(); return; }
    list.replaceChildren(...words.map((text, i) => {
      const o = document.createElement('li');
      o.id = `${list.id}-${i}`;
      o.setAttribute('role', 'option');
      o.textContent = text;
      return o;
    }));
    choose(-1);
    list.hidden = false;
    box.setAttribute('aria-expanded', 'true');
    said.textContent = ({ one, few, many, other }[rules.select(words.length)] ?? other).replace('#', words.length);
  };
  const ask = async () => {
    const text = box.value.replace(/\s+/g, ' ').trimStart().toLocaleLowerCase(lang);
    const mine = ++turn;
    if (text.length < 2 || text.endsWith(' ')) { close(); return; }
    let words = known.get(text);
    if (!words) {
      try {
        const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`, { credentials: 'omit' });
        words = answer.ok ? await answer.json() : [];
        if (answer.ok) known.set(text, words);
      } catch { words = []; }
    }
    if (mine === turn) show(words);
  };

  box.addEventListener('input', (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 150);
  });
  box.addEventListener('keydown', (event) => {
    const n = list.children.length;
    if (event.isComposing || list.hidden) {
      if (event.key === 'ArrowDown' && !event.isComposing) { event.preventDefault(); ask(); }
      return;
    }
    switch (event.key) {
      case 'ArrowDown': choose(chosen + 1 < n ? chosen + 1 : -1); break;
      case 'ArrowUp': choose(chosen < 0 ? n - 1 : chosen - 1); break;
      case 'Escape': close(); break;
      case 'Enter':
        if (chosen < 0) return;
        search(list.children[chosen].textContent);
        break;
      default: return;
    }
    event.preventDefault();
  });
  box.addEventListener('blur', close);
  box.form.addEventListener('submit', close);
  list.addEventListener('pointerdown', (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener('click', (event) => {
    const o = event.target.closest('li');
    if (o) search(o.textContent);
  });
}
