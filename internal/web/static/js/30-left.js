// Says below a text how much of it is still free, in characters as people
// count them. Without this file the limit stands in the hint, and the server
// counts.
const fields = document.querySelectorAll('[data-max]');
if (fields.length && window.Intl?.Segmenter) {
  const lang = document.documentElement.lang;
  const cut = new Intl.Segmenter(lang, { granularity: 'grapheme' });
  const rules = new Intl.PluralRules(lang);
  const number = new Intl.NumberFormat(lang);
  const say = (forms, n) => {
    const [one, few, many, other] = forms.split('|');
    return ({ one, few, many, other }[rules.select(n)] ?? other).replace('#', number.format(n));
  };
  for (const field of fields) {
    const max = Number(field.dataset.max);
    const line = document.createElement('p');
    line.className = 'left';
    line.id = field.id + '-left';
    const spoken = document.createElement('span');
    spoken.className = 'vh';
    spoken.setAttribute('role', 'status');
    field.after(line, spoken);
    let timer = 0;
    const count = () => {
      let n = 0;
      for (const _ of cut.segment(field.value.trim())) n++;
      const free = max - n;
      line.textContent = free < 0 ? say(field.dataset.over, -free) : say(field.dataset.left, free);
      line.classList.toggle('over', free < 0);
      clearTimeout(timer); // spoken when the typing rests, and near the end only
      timer = setTimeout(() => { spoken.textContent = free < max / 10 ? line.textContent : ''; }, 1000);
    };
    field.addEventListener('input', count);
    addEventListener('pageshow', count); // the browser put a text back
    count();
  }
}
