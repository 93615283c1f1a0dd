// Package letter is a letter before it has words: to whom, in which language,
// of which kind, with which arguments; and how it is sealed for the outbox.
//
// What lives here: the kinds of letters with the arguments each needs, and
// sealing.
//
// What never: templates, transports, SQL.
package letter

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// Kind names a letter. Package mail has a template for each in each language.
type Kind string

// The kinds, with their arguments. Every letter about a petition has title;
// dates are YYYY-MM-DD, links whole addresses.
const (
	Sign         Kind = "sign"           // link, until: asks to confirm a signature
	Withdraw     Kind = "withdraw"       // link, until: asks to confirm a withdrawal
	WithdrawNone Kind = "withdraw-none"  // there is no signature to withdraw
	Follow       Kind = "follow"         // link, until: asks whether news shall come
	Start        Kind = "start"          // link, until: asks the petitioner to confirm
	Started      Kind = "started"        // mine, share, threshold, until: now find supporters
	Queued       Kind = "queued"         // mine, until: in moderation
	Delay        Kind = "delay"          // mine, subject, words: an officer writes to all whose moderation is late
	Returned     Kind = "returned"       // mine, reason, note
	Refused      Kind = "refused"        // mine, page, reason, note, until (of the appeal; may be empty)
	Upheld       Kind = "upheld"         // mine, page, reason, note: the appeal was turned down
	Published    Kind = "published"      // mine, page, until (of the signing; may be empty)
	Lapsed       Kind = "lapsed"         // mine: too few supporters in time
	Stage        Kind = "stage"          // mine, page, stage, threshold
	Delivered    Kind = "delivered"      // mine, page, stage, until (of the answer; may be empty)
	Answered     Kind = "answered"       // mine, page
	Closed       Kind = "closed"         // mine, page, count
	Hidden       Kind = "hidden"         // mine, page, reason, note: one officer hid it, a second one checks
	Restored     Kind = "restored"       // mine, page: the hiding was lifted
	Removed      Kind = "removed"        // mine, page, reason, note: taken down for good
	Archived     Kind = "archived"       // mine, page, until: read only from now on, and the address goes
	NewsOpen     Kind = "news-open"      // page, unsubscribe: what you supported is published
	NewsStage    Kind = "news-stage"     // page, unsubscribe, stage, threshold
	NewsDelivery Kind = "news-delivery"  // page, unsubscribe, stage
	NewsAnswer   Kind = "news-answer"    // page, unsubscribe
	NewsClosed   Kind = "news-closed"    // page, unsubscribe, count
	NewsNote     Kind = "news-note"      // page, unsubscribe, headline, words: what the petitioner tells
	NewsChanged  Kind = "news-changed"   // page, unsubscribe: the text you backed was changed
	NewsMerged   Kind = "news-merged"    // page (of the other petition), unsubscribe
	NoteRefused  Kind = "note-refused"   // mine, reason, note: news were not published
	MergeOffer   Kind = "merge-offer"    // mine: another petition asks to close in favour of this one
	MergeNo      Kind = "merge-declined" // mine
	Merged       Kind = "merged"         // mine, page (of the other petition)
	OrgYes       Kind = "org-confirmed"  // mine
	OrgNo        Kind = "org-disowned"   // mine
	Org          Kind = "org"            // link, until: asks an organisation whether the petition is its own
	Member       Kind = "member"         // link, until: asks a member of the assembly to stand behind a petition
	Seeking      Kind = "seeking"        // mine: a member of the assembly is needed
	MemberYes    Kind = "member-yes"     // mine, member: one stands behind it
	MemberNo     Kind = "member-no"      // mine, member: one declined, or did not answer
	Checked      Kind = "checked"        // mine, share, threshold, until: passed the check, now find supporters
	Dissolved    Kind = "dissolved"      // mine: ended by the dissolution of the assembly
	Extended     Kind = "extended"       // mine, until: the windows were extended after an outage
	NewsStopped  Kind = "news-stopped"   // page, unsubscribe: ended by the dissolution of the assembly
	Data         Kind = "data"           // link, until: the petitioner's own data
	BodyDue      Kind = "body-due"       // page, stage, until: to a body, its term ends soon
	BodyOverdue  Kind = "body-overdue"   // page, stage, until: to a body, its term has ended
	// A decision on a complaint: ref, outcome, note, page; mine and title for the petitioner.
	ComplaintDecided Kind = "complaint-decided" // to the complainant
	ComplaintAbout   Kind = "complaint-about"   // to the petitioner it was about

	Login Kind = "login" // link, until: an officer's one-time link; no title
)

// Kinds lists them all, in the order of a petition's life.
func Kinds() []Kind {
	return []Kind{Start, Started, Sign, Withdraw, WithdrawNone, Follow, Queued, Delay, Returned, Refused, Upheld, Published,
		Lapsed, Stage, Delivered, Answered, Closed, Archived, Hidden, Restored, Removed, NewsOpen, NewsStage, NewsDelivery, NewsAnswer, NewsClosed,
		NewsNote, NewsChanged, NewsMerged, NoteRefused, MergeOffer, MergeNo, Merged, OrgYes, OrgNo, Org, Data,
		Member, Seeking, MemberYes, MemberNo, Checked, Dissolved, Extended, NewsStopped,
		BodyDue, BodyOverdue, ComplaintDecided, ComplaintAbout, Login}
}

// News reports whether the letter goes to subscribers and carries their
// one-click unsubscribe link (RFC 8058).
func (k Kind) News() bool {
	switch k {
	case NewsOpen, NewsStage, NewsDelivery, NewsAnswer, NewsClosed, NewsNote, NewsChanged, NewsMerged, NewsStopped:
		return true
	}
	return false
}

// Letter is what the outbox holds, sealed.
type Letter struct {
	To   string            `json:"to"` // the address as it is sent to
	Lang petition.Lang     `json:"lang"`
	Kind Kind              `json:"kind"`
	Args map[string]string `json:"args"`
}

// NewsUID names one subscriber's letter of a mailing: the same whenever it is
// made, and nothing in it says the address.
func NewsUID(ref store.NewsRef) string {
	return "n-" + strconv.FormatInt(ref.Mailing, 10) + "-" + hex.EncodeToString(ref.Subscription[:])
}

// ParseNewsUID reads what NewsUID wrote, and nothing that is only like it; false
// for any other letter.
func ParseNewsUID(uid string) (store.NewsRef, bool) {
	var ref store.NewsRef
	mailing, sub, ok := strings.Cut(strings.TrimPrefix(uid, "n-"), "-")
	b, err := hex.DecodeString(sub)
	if !ok || err != nil || len(b) != len(ref.Subscription) {
		return store.NewsRef{}, false
	}
	copy(ref.Subscription[:], b)
	if ref.Mailing, err = strconv.ParseInt(mailing, 10, 64); err != nil || NewsUID(ref) != uid {
		return store.NewsRef{}, false
	}
	return ref, true
}

// outside is the kind by which the outbox, the metrics and the log know a
// letter. Whether there is a signature to take back is for its reader only:
// anybody can ask for that letter to anybody's address.
func (k Kind) outside() Kind {
	if k == WithdrawNone {
		return Withdraw
	}
	return k
}

const purpose = "letter"

// Seal makes the outbox row. An empty uid is replaced by a random one; a
// follower gives one that is the same whenever it makes this letter again.
func (l Letter) Seal(v *vault.Vault, uid string, priority int, now time.Time) (store.Letter, error) {
	b, err := json.Marshal(l)
	if err != nil {
		return store.Letter{}, fmt.Errorf("letter: %w", err)
	}
	if uid == "" {
		uid = hex.EncodeToString(vault.Random(16))
	}
	return store.Letter{UID: uid, Kind: string(l.Kind.outside()), Priority: priority, Sealed: v.Seal(purpose, b), QueuedAt: now}, nil
}

// Open reads a letter of the outbox.
func Open(v *vault.Vault, sealed []byte) (Letter, error) {
	var l Letter
	b, err := v.Open(purpose, sealed)
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(b, &l)
}

// addressPurpose seals addresses that stay: petitioners, subscribers, officers.
const addressPurpose = "address"

// SealAddress seals an address that must stay.
func SealAddress(v *vault.Vault, address string) []byte {
	return v.Seal(addressPurpose, []byte(address))
}

// OpenAddress is the address SealAddress was given.
func OpenAddress(v *vault.Vault, sealed []byte) (string, error) {
	b, err := v.Open(addressPurpose, sealed)
	return string(b), err
}
