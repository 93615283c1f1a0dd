package moderation

import (
	"bytes"
	"testing"
)

// A document is what its content and its name agree on; whatever else a name
// says, it is only ever shown.
func TestDocumentsAreKnownByTheirContent(t *testing.T) {
	const pdf, png, jpeg = "%PDF-1.7\n", "\x89PNG\r\n\x1a\n...", "\xff\xd8\xff\xe0..."
	docx := "PK\x03\x04" + "[Content_Types].xml" + "word/document.xml"
	odt := "PK\x03\x04" + string(make([]byte, 26)) + "mimetypeapplication/vnd.oasis.opendocument.textPK"
	for _, c := range []struct{ name, data, media string }{
		{"answer.pdf", pdf, "application/pdf"}, {"ANSWER.PDF", pdf, "application/pdf"}, {"../../x.pdf", pdf, "application/pdf"},
		{`C:\x\scan.png`, png, "image/png"}, {"scan.jpeg", jpeg, "image/jpeg"}, {"scan.jpg", jpeg, "image/jpeg"}, {"a.docx", docx, formats[4].media}, {"a.odt", odt, formats[3].media},
		{"a.html", pdf, ""}, {"a.pdf", png, ""}, {"a.png", jpeg, ""}, {"a.jpg", png, ""}, {"a.pdf", "<html>%PDF-1.7", ""}, {"a.pdf", "", ""},
		{"a.pdf", "\n%PDF-1.7", ""}, {"a.png", "<svg onload=alert(1)>", ""}, {"a.svg", "<svg/>", ""}, {"a.gif", "GIF89a", ""}, {"a.exe", "MZ", ""}, {"a.pdf.exe", pdf, ""},
		{"a.docx", "PK\x03\x04 anything zipped", ""}, {"a.docx", odt, ""}, {"a.odt", docx, ""}, {"a.docm", docx, ""}, {"a.docx", docx + "word/vbaProject.bin", ""},
		{"pdf", pdf, ""}, {"", pdf, ""}, {".pdf", pdf, "application/pdf"}, {"a.pdf\x00.exe", pdf, ""}, {"a\x00.pdf", pdf, "application/pdf"},
		{"exe.fdp\u202e.pdf", pdf, "application/pdf"}, {"a\u202efdp.exe", pdf, ""},
	} {
		if got := (Document{c.name, []byte(c.data)}).media(); got != c.media {
			t.Errorf("%q with %.20q is %q, want %q", c.name, c.data, got, c.media)
		}
	}
	one := Document{"a.pdf", []byte(pdf)}
	many := bytes.Repeat([]byte("x"), MaxDocument/2)
	half := Document{"a.pdf", append([]byte(pdf), many...)}
	for name, docs := range map[string][]Document{"six": {one, one, one, one, one, one}, "more than ten megabytes": {half, half}, "one is none": {one, {"b.pdf", []byte("MZ")}}} {
		if checkDocuments(docs) == nil {
			t.Errorf("%s are taken", name)
		}
	}
	if err := checkDocuments([]Document{one, one, one, one, one}); err != nil {
		t.Error(err)
	}
}
