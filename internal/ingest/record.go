package ingest

import (
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// ukLang is the language the source is written in.
const ukLang = petition.Lang("en")

// UKUID is the UID of the source's petition with this number: the same in
// every database, so that an import can be run again anywhere.
func UKUID(number int64) petition.UID {
	sum := sha256.Sum256([]byte("dauys/import/uk/" + strconv.FormatInt(number, 10)))
	return petition.UID(sum[:16])
}

// FromRecord is the row of the store that a record becomes. It is pinned to no
// profile: its life was led under rules that are not ours to apply.
func FromRecord(r imports.Record, uid petition.UID) store.Import {
	m := store.Import{
		Petition: petition.Petition{
			UID: uid, Number: r.Number, Kind: petition.KindPetition, State: state(r.State), Lang: ukLang,
			Texts:       petition.Texts{ukLang: {Title: r.Title, Ask: r.Ask, Details: r.Details}},
			TextVersion: 1, Topics: r.Topics,
			Creator: petition.Creator{Kind: petition.Person, Name: r.CreatorName},
			Count:   r.SignatureCount, Shown: r.SignatureCount,
			CreatedAt: r.CreatedAt, QueuedAt: r.ModerationThresholdAt, OpenedAt: r.OpenedAt,
			ClosedAt: r.ClosedAt, RefusedAt: r.RejectedAt,
		},
		Origin: origin(r.Source), Archived: r.Archived, UpdatedAt: r.UpdatedAt, Hash: r.Hash,
		Document: r.Raw, Listed: r.ListRaw, Parliament: r.Parliament,
		Debate: store.Debate{
			ResponseAt: r.ResponseThresholdAt, AnsweredAt: r.GovernmentResponseAt,
			ReachedAt: r.DebateThresholdAt, DebatedAt: r.DebateOutcomeAt,
			On: r.ScheduledDebateDate, Debated: r.Debated,
		},
	}
	if !r.ClosingDate.IsZero() {
		m.ClosesAt = r.ClosingDate.AddDays(1).Midnight(time.UTC)
	}
	if r.Rejection != nil {
		m.Refusal = &petition.Decision{Verdict: petition.Reject, Reason: r.Rejection.Code,
			Note: r.Rejection.Details, TextVersion: 1, At: r.RejectedAt}
	}
	return m
}

func origin(source string) store.Origin {
	if source == imports.SourceCSV {
		return store.UKCSV
	}
	return store.UKJSON
}

// state is the state of ours behind one of imports.States.
func state(s string) petition.State {
	switch s {
	case "open":
		return petition.Open
	case "rejected":
		return petition.Refused
	}
	return petition.Closed
}
