// Copies the address of a petition, or hands it to the share sheet of the
// phone. Without this file the page shows the address as a link.
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
    add(copyWord, async (button) => {
      await navigator.clipboard.writeText(url);
      button.textContent = said.textContent = copiedWord;
      setTimeout(() => { button.textContent = copyWord; said.textContent = ''; }, 4000);
    });
  }
  if (navigator.share) {
    add(shareWord, () => navigator.share({ title: document.title, url }).catch(() => {})); // whoever closes the sheet has decided
  }
}
