package cli

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// seeded is a petition of the fictional world that was made, with its
// petitioner's link.
type seeded struct {
	id   petition.ID
	mine string
}

// aftermath lets happen what needs other petitions, or the last days before now.
func (s *seeder) aftermath(ctx context.Context, all []demoPetition, now time.Time) error {
	for _, d := range all {
		for _, what := range d.Also {
			if err := s.also(ctx, d, what, now); err != nil {
				return fmt.Errorf("%s: %s: %w", d.Key, what, err)
			}
		}
	}
	return s.objections(ctx, now)
}

// also does one thing that happened to a petition besides its plan.
func (s *seeder) also(ctx context.Context, d demoPetition, what string, now time.Time) error {
	p := s.made[d.Key]
	switch what {
	case "hidden": // two hours ago: a second officer has not looked yet
		s.at = now.Add(-2 * time.Hour)
		return s.moderation.Hide(ctx, s.officers[0], p.id, d.Reason, d.Note)
	case "removed":
		s.at = now.Add(-9 * 24 * time.Hour)
		if err := s.moderation.Hide(ctx, s.officers[0], p.id, d.Reason, d.Note); err != nil {
			return err
		}
		s.at = s.at.Add(3 * time.Hour)
		return s.moderation.Remove(ctx, s.officers[1], p.id)
	case "merged":
		return s.merge(ctx, p, s.made[d.Into], now)
	case "news", "news-waiting":
		return s.news(ctx, p, what == "news", now)
	case "org-verified":
		s.at = now.Add(-30 * 24 * time.Hour)
		return s.moderation.RegisterOrg(ctx, s.officers[1], p.id, "https://register.example/"+d.Key)
	case "org-disowned":
		return s.disown(ctx, d, p, now)
	}
	return fmt.Errorf("the plan knows no %q", what)
}

func (s *seeder) merge(ctx context.Context, from, into seeded, now time.Time) error {
	a, _, _, err := s.moderation.Case(ctx, from.id)
	if err != nil {
		return err
	}
	b, _, _, err := s.moderation.Case(ctx, into.id)
	if err != nil {
		return err
	}
	s.at = now.Add(-12 * 24 * time.Hour)
	if err := s.moderation.ProposeMerge(ctx, from.mine, b.Number); err != nil {
		return err
	}
	s.at = s.at.Add(40 * time.Hour)
	return s.moderation.AnswerMerge(ctx, into.mine, a.Number, true)
}

func (s *seeder) news(ctx context.Context, p seeded, decided bool, now time.Time) error {
	s.at = now.Add(-20 * time.Hour)
	title, text := "Кездесу болды", "Осы аптада тұрғындармен кездесу өтті, оның хаттамасын (ойдан шығарылған) орган алды."
	if decided {
		title, text = "Прошла встреча с жителями", "На этой неделе прошла встреча с жителями; её протокол (вымышленный) передан акимату."
	}
	if err := s.moderation.WriteNews(ctx, p.mine, title, text); err != nil || !decided {
		return err
	}
	s.at = s.at.Add(4 * time.Hour)
	written, _, _, err := s.moderation.Case(ctx, p.id)
	if err != nil {
		return err
	}
	return s.moderation.DecideNews(ctx, s.officers[2], p.id, moderation.Verdict{Verdict: petition.Publish}, moderation.NewsMark(*written.News))
}

// disown lets the organisation say, by the link of its letter, that the
// petition is not its own.
func (s *seeder) disown(ctx context.Context, d demoPetition, p seeded, now time.Time) error {
	s.at = now.Add(-20 * 24 * time.Hour)
	if err := s.forgetLetters(ctx, s.at); err != nil {
		return err
	}
	if err := s.moderation.AskOrg(ctx, s.officers[0], p.id, "office@society.example", "https://society.example/contact", d.Lang); err != nil {
		return err
	}
	letters, err := s.store.ClaimLetters(ctx, "seed", 1, s.at.Add(time.Second), s.at.Add(time.Minute))
	if err != nil || len(letters) != 1 {
		return fmt.Errorf("%d letters to the organisation: %w", len(letters), err)
	}
	l, err := letter.Open(s.vault, letters[0].Sealed)
	if err != nil {
		return err
	}
	if err := s.store.LetterDone(ctx, letters[0].ID); err != nil {
		return err
	}
	s.at = s.at.Add(26 * time.Hour)
	return s.moderation.AnswerOrg(ctx, path.Base(l.Args["link"]), false)
}

// objections are a complaint that waits, one that was decided, and what an
// authority demanded.
func (s *seeder) objections(ctx context.Context, now time.Time) error {
	number := func(key string) string {
		p, _, _, err := s.moderation.Case(ctx, s.made[key].id)
		if err != nil {
			return ""
		}
		return strconv.FormatInt(p.Number, 10)
	}
	s.at = now.Add(-16 * 24 * time.Hour)
	decided := petition.Complaint{By: petition.ByPerson, Ground: petition.GroundOther, Lang: "ru", What: "В тексте сказано, что в адресах путается скорая помощь; это кажется мне преувеличением.", Why: "Мне такие случаи не известны."}
	if _, err := s.complaints.Complain(ctx, complaints.Form{Complaint: decided, Number: number("bilingual-signs")}); err != nil {
		return err
	}
	open, _, err := s.complaints.Queue(ctx, 0, 1)
	if err != nil || len(open) != 1 {
		return fmt.Errorf("%d complaints wait: %w", len(open), err)
	}
	s.at = s.at.Add(5 * 24 * time.Hour)
	if err := s.complaints.Decide(ctx, s.officers[1], open[0].ID, complaints.Verdict{Outcome: petition.ComplaintRejected,
		Reason: "Автор пишет о том, что видел; слово «путаются» никого не обвиняет, а ответить по существу сможет акимат."}); err != nil {
		return err
	}
	s.at = now.Add(-30 * time.Hour)
	waiting := petition.Complaint{By: petition.ByPerson, Ground: petition.GroundOther, Lang: "kk", What: "Петициядағы мәтін бір мектеп туралы емес, барлық мектеп туралы жазылған сияқты.", Why: "Біздің мектепте (ойдан шығарылған) асхана жақсы жұмыс істейді."}
	if _, err := s.complaints.Complain(ctx, complaints.Form{Complaint: waiting, Number: number("school-canteen")}); err != nil {
		return err
	}
	return s.complaints.Enter(ctx, s.officers[1], petition.Demand{Authority: "Вымышленный департамент связи (демо)", On: s.law.Today(now.Add(-60 * 24 * time.Hour)),
		Ground: "Письмо без ссылки на статью", Asked: "Убрать петицию о ночном автобусе.", Done: "Ничего не убрано.",
		Reason: "В письме не назван закон, который нарушает текст."})
}

// demoPDF is a document of one line, in letters that every reader of PDF has.
func demoPDF(line string) []byte {
	var b bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>")
	text := "BT /F 14 Tf 60 770 Td (" + line + ") Tj ET"
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}
