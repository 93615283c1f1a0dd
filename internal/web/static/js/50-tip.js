// Says a place's name and number under pointer, finger or arrow keys. The table
// beside the map says the same to everyone.
for (const map of document.querySelectorAll('.places svg')) {
  const all = [...map.querySelectorAll('title')].map((t) => {
    const place = t.parentNode;
    place.dataset.tip = t.textContent;
    t.remove(); // or the browser shows its own, too
    return place;
  });
  const tip = document.createElement('p');
  tip.className = 'tip';
  tip.role = 'status';
  map.after(tip);
  map.tabIndex = 0;
  let at = -1;
  const hide = () => {
    all[at]?.classList.remove('lit');
    at = -1;
    tip.textContent = '';
  };
  const show = (n) => {
    if (n == at) return;
    hide();
    const place = all[at = n];
    place.classList.add('lit');
    map.insertBefore(place, map.querySelector('circle,text')); // its border over the others
    tip.textContent = place.dataset.tip;
    const p = place.getBoundingClientRect(), f = map.parentNode.getBoundingClientRect(), half = tip.offsetWidth / 2;
    tip.style.left = Math.max(half, Math.min(f.width - half, p.x + p.width / 2 - f.x)) + 'px';
    tip.style.top = p.y - f.y + 'px';
  };
  const on = (what, act) => map.addEventListener(what, act);
  on('pointerover', (e) => { if (e.target.dataset.tip) show(all.indexOf(e.target)); });
  on('pointerleave', (e) => { if (e.pointerType == 'mouse' && e.relatedTarget != tip) hide(); });
  on('focus', () => { if (at < 0 && map.matches(':focus-visible')) show(0); });
  on('blur', hide);
  on('keydown', (e) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      show((at + step + all.length) % all.length);
    } else if (e.key == 'Escape') hide();
  });
  tip.onpointerleave = hide;
}
