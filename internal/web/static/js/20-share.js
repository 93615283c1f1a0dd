// Copies the address of a petition, or hands it to the share sheet of the
// phone. Without this file the page shows the address as a link. Where the
// browser lets nothing be copied, the address is shown to be copied by hand.
const list = document.querySelector('[data-share]');
if (list) {
  const { share: url, shareWord, copyWord, copiedWord } = list.dataset;
  const add = (text, act) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet';
    button.textContent = text;
    button.addEventListener('click', () => act(button));
    item.append(button);
    list.append(item);
  };
  if (navigator.clipboard) {
    const said = document.createElement('span');
    said.className = 'vh';
    said.setAttribute('role', 'status');
    list.after(said);
    let timer = 0;
    add(copyWord, async (button) => {
      try {
        await navigator.clipboard.writeText(url);
      } catch {
        const field = document.createElement('input');
        field.value = url;
        field.readOnly = true;
        field.setAttribute('aria-label', copyWord);
        button.replaceWith(field);
        field.select();
        return;
      }
      button.textContent = said.textContent = copiedWord;
      clearTimeout(timer);
      timer = setTimeout(() => { button.textContent = copyWord; said.textContent = ''; }, 4000);
    });
  }
  if (navigator.share) {
    add(shareWord, () => navigator.share({ title: document.title, url }).catch(() => {})); // whoever closes the sheet has decided
  }
}
