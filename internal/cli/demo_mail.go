package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/web"
)

var letterID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

var links = regexp.MustCompile(`https?://[^\s<>"]+`)

// letters lists the demo's mailbox, the newest first.
func (d *demoWorld) letters(context.Context) ([]web.DemoLetter, error) {
	entries, err := os.ReadDir(d.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	type dated struct {
		web.DemoLetter
		mod int64
	}
	var list []dated
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".eml")
		if !ok || !letterID.MatchString(id) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // taken away while we looked
		}
		l, err := d.read(id)
		if err != nil {
			continue
		}
		list = append(list, dated{l, info.ModTime().UnixNano()})
	}
	slices.SortFunc(list, func(a, b dated) int { return cmp.Or(cmp.Compare(b.mod, a.mod), cmp.Compare(b.ID, a.ID)) })
	out := make([]web.DemoLetter, len(list))
	for i, l := range list {
		out[i] = l.DemoLetter
	}
	return out, nil
}

// letter is one letter of the mailbox with its text.
func (d *demoWorld) letter(_ context.Context, id string) (web.DemoLetter, error) {
	if !letterID.MatchString(id) {
		return web.DemoLetter{}, store.ErrNotFound
	}
	l, err := d.read(id)
	if errors.Is(err, fs.ErrNotExist) {
		return l, store.ErrNotFound
	}
	return l, err
}

func (d *demoWorld) read(id string) (web.DemoLetter, error) {
	b, err := os.ReadFile(filepath.Join(d.dir, id+".eml"))
	if err != nil {
		return web.DemoLetter{}, err
	}
	return parseLetter(id, b)
}

// parseLetter reads a letter as a mail program would.
func parseLetter(id string, b []byte) (web.DemoLetter, error) {
	l := web.DemoLetter{ID: id}
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return l, err
	}
	var dec mime.WordDecoder
	if l.Subject, err = dec.DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	if to, err := mail.ParseAddress(m.Header.Get("To")); err == nil {
		l.To = to.Address
	}
	if l.At, err = m.Header.Date(); err != nil {
		return l, err
	}
	if err := readParts(&l, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body); err != nil {
		return l, err
	}
	l.Links = links.FindAllString(l.Text, -1)
	return l, nil
}

// readParts finds the text and the HTML of a letter, however deep.
func readParts(l *web.DemoLetter, contentType, encoding string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			if err := readParts(l, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	switch kind {
	case "text/plain":
		l.Text = string(b)
	case "text/html":
		l.HTML = string(b)
	}
	return err
}
