package mail

import (
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
)

// previewAt is the day on which the letters of a preview are written.
const previewAt = 1_798_761_600 // 1 January 2027, in seconds since 1970

// Preview composes a letter of the kind with plainly fictional arguments: for
// the pages that show operators what is sent, and for tests.
func (c *Composer) Preview(kind letter.Kind, lang i18n.Lang) (Message, error) {
	l := letter.Letter{To: "reader@mail.example", Lang: lang, Kind: kind, Args: previewArgs(lang)}
	return c.Compose(l, "preview-"+string(kind), time.Unix(previewAt, 0).UTC())
}

// previewArgs has every argument that any kind of letter uses.
func previewArgs(lang i18n.Lang) map[string]string {
	words := map[i18n.Lang][3]string{
		i18n.Kazakh:  {"Самұрық қаласының көшелеріне шам орнатайық", "Мәтін ойдан шығарылған.", "Бұл мысал үшін жазылды."},
		i18n.Russian: {"Поставим фонари на улицах города Самрук", "Текст вымышлен.", "Это написано для примера."},
		i18n.English: {"Put lamps in the streets of Samruk town", "The text is invented.", "This was written as an example."},
	}[lang]
	const site = "https://petitions.example/"
	own := site + string(lang)
	return map[string]string{
		"title": words[0], "reason": words[1], "stage": words[1], "note": words[2],
		"headline": words[1], "words": words[2], "subject": words[1],
		"link": own + "/confirm/an-invented-token", "mine": own + "/mine/an-invented-token", "share": own + "/p/an-invented-token",
		"page": own + "/petitions/1", "unsubscribe": site + "u/an-invented-token",
		"ref": "INVENTED", "outcome": "partly", "member": map[i18n.Lang]string{i18n.Kazakh: "Ойдан шығарылған депутат", i18n.Russian: "Вымышленный депутат", i18n.English: "An Invented Member"}[lang],
		"until": "2027-01-04", "threshold": "1000", "count": "12345",
	}
}
