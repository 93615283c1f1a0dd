package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"

	"github.com/dauys/dauys/internal/i18n"
)

// busyStyle is the look of busyPage. It stands in the page, since a crowded
// server should not be asked for a style sheet as well.
const busyStyle = `:root{color-scheme:light dark}` +
	`body{max-width:34rem;margin:0 auto;padding:2.5rem min(1.25rem,5vw);overflow-wrap:anywhere;hyphens:auto;font:1.0625rem/1.6 system-ui,sans-serif;background:#faf7f1;color:#1b2125}` +
	`h1{font:600 1.5rem/1.2 ui-serif,Georgia,serif;margin:0 0 .5rem}p{margin:0 0 1rem}` +
	`section{padding-block:1.5rem;border-top:2px solid #0b5c66}` +
	`a{display:inline-block;padding:.7rem min(1.5rem,6vw);border:2px solid #0b5c66;border-radius:6px;background:#0b5c66;color:#fff;font-weight:600;text-decoration:none}` +
	`@media(prefers-color-scheme:dark){body{background:#13171a;color:#ece8e0}section{border-color:#6cc5cd}a{border-color:#6cc5cd;background:#6cc5cd;color:#0b2023}}`

// busyPage says in every language that too many people are here at once. It is
// made once; its link asks for the same address again. policy lets the page have
// its one style, named by its hash, and nothing else.
func busyPage(b *i18n.Bundle) (body []byte, policy string) {
	first, _ := Problem{Key: "overloaded"}.Words(b.Printer(i18n.Langs()[0]))
	var page bytes.Buffer
	page.WriteString("<!doctype html>\n<html lang=\"" + string(i18n.Langs()[0]) + "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
		html.EscapeString(first) + "</title><style>" + busyStyle + "</style></head><body><main>")
	for _, l := range i18n.Langs() {
		pr := b.Printer(l)
		title, text := Problem{Key: "overloaded"}.Words(pr)
		page.WriteString("<section lang=\"" + string(l) + "\"><h1>" + html.EscapeString(title) + "</h1><p>" + html.EscapeString(text) +
			"</p><p><a class=\"button\" href=\"\">" + html.EscapeString(pr.T("error.again")) + "</a></p></section>")
	}
	page.WriteString("</main></body></html>\n")
	sum := sha256.Sum256([]byte(busyStyle))
	return page.Bytes(), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
