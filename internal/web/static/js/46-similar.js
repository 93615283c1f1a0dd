// Names open petitions like the one whose title is being typed, when the typing
// rests. Without this file, and for who saves data, the next step names them.
const room = document.querySelector('[data-similar]');
const title = document.querySelector('#f-title');
if (room && title && !navigator.connection?.saveData) {
  const said = document.createElement('p');
  said.className = 'vh';
  said.setAttribute('role', 'status');
  room.before(said);
  let timer = 0, turn = 0, asked = ''; // a late answer has an old turn

  const show = (html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const heading = page.querySelector('h2')?.textContent ?? '';
    room.replaceChildren(...page.body.childNodes);
    room.hidden = !heading;
    if (said.textContent !== heading) said.textContent = heading; // spoken when it is another
  };
  const ask = async () => {
    const body = new URLSearchParams({ title: title.value.trim(), lang: new FormData(title.form).get('lang') ?? '' });
    if (String(body) === asked) return;
    asked = String(body);
    const mine = ++turn;
    try {
      const answer = await fetch(room.dataset.similar, { method: 'POST', body, credentials: 'omit' });
      const html = answer.status === 200 ? await answer.text() : '';
      if (mine === turn) show(html);
    } catch {
      if (mine === turn) asked = ''; // asked again with the next letter
    }
  };
  title.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 600);
  });
  title.form.addEventListener('change', (event) => { if (event.target.name === 'lang') ask(); });
  if (title.value) ask(); // came back to the step
}
