// Copies what stands in a field, and opens the share sheet of the device where
// there is one. Without this file the fields are there to select.
for (const field of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break;
  const { copy, copied } = field.dataset;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button second small';
  button.textContent = copy;
  const label = document.querySelector(`label[for="${field.id}"]`);
  if (label) button.setAttribute('aria-label', `${copy}: ${label.textContent}`);
  const said = document.createElement('span');
  said.className = 'copied';
  said.setAttribute('role', 'status');
  const row = document.createElement('p');
  row.append(button, ' ', said);
  let timer = 0;
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      return;
    }
    said.textContent = copied;
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = ''; }, 4000);
  });
  field.after(row);
}

const links = document.querySelector('.share-links');
if (links && navigator.share) {
  const { link: url, title, word } = links.dataset;
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button small';
  button.textContent = word;
  button.addEventListener('click', () => { navigator.share({ url, title }).catch(() => {}); });
  item.append(button);
  links.prepend(item);
}
