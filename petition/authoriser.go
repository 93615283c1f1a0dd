package petition

import (
	"bytes"
	"slices"
	"strconv"
	"time"
)

// Authorisation is one member of the assembly who was asked to stand behind a
// petition. The address of the letter is not kept: the source says where it
// stands in public.
type Authorisation struct {
	Member string    `json:"member"` // name, as the assembly publishes it
	Source string    `json:"source"` // address of the public page with the contact
	Said   string    `json:"said,omitempty"`
	Nonce  []byte    `json:"nonce,omitempty"` // of the link that may answer, once; nil when used
	Asked  time.Time `json:"asked"`
	Until  time.Time `json:"until"` // the member's term ends with this moment
	At     time.Time `json:"at,omitzero"`
	By     OfficerID `json:"by"` // who wrote the letter
}

// What a member said; "" while the term runs.
const (
	SaidYes    = "yes"
	SaidNo     = "no"
	SaidSilent = "silent" // the term ran out
)

// MaxMember is the length of a member's name, in grapheme clusters.
const MaxMember = 120

// needsMember reports whether p still lacks the member that the law asks for.
// A proposal collects nothing before its publication, and is asked of nobody.
func (l *Profile) needsMember(p Petition) bool {
	return l.Authoriser.Tries > 0 && p.Kind != KindProposal && p.Authorised() == nil
}

// Authorised is the member who stands behind the petition; nil for none.
func (p Petition) Authorised() *Authorisation { return p.authorisation(SaidYes) }

// Asked is the member whose term runs; nil when nobody is asked.
func (p Petition) Asked() *Authorisation { return p.authorisation("") }

func (p Petition) authorisation(said string) *Authorisation {
	for i := range p.Authorisers {
		if p.Authorisers[i].Said == said {
			return &p.Authorisers[i]
		}
	}
	return nil
}

// seek lets a petition look for its member. The desk has the term of
// moderation to write to one; the calendar does nothing when it is missed.
func (l *Profile) seek(c Change, now time.Time, actor string) Change {
	p := &c.Petition
	p.State, p.DecideBy = Authorising, l.end(l.Moderation.Term, now)
	c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvAuthorising, At: now, Actor: actor})
	return c
}

// NameMember is the petitioner's wish, whom the desk should write to.
func (l *Profile) NameMember(p Petition, member, source string, now time.Time) (Change, error) {
	if !l.needsMember(p) || p.Asked() != nil || p.State != Supporting && p.State != Authorising {
		return Change{}, ErrState
	}
	p.Member, p.MemberSource = member, source
	return changed(p, EvMemberNamed, now, ActorPetitioner, map[string]string{"member": member}), nil
}

// AskMember records that a member was written to at the contact published at
// source. One member is asked at a time, nobody twice, and no more than the law
// lets (ErrState).
func (l *Profile) AskMember(p Petition, member, source string, nonce []byte, who OfficerID, now time.Time) (Change, error) {
	twice := slices.ContainsFunc(p.Authorisers, func(a Authorisation) bool { return Skeleton(a.Member) == Skeleton(member) })
	switch {
	case p.State != Authorising || p.Asked() != nil || len(p.Authorisers) >= l.Authoriser.Tries:
		return Change{}, ErrState
	case twice:
		return Change{}, FieldErrors{{Field: "member", Key: "member_twice"}}
	}
	a := Authorisation{Member: member, Source: source, Nonce: nonce, Asked: now, Until: l.end(l.Authoriser.Term, now), By: who}
	p.Authorisers = append(slices.Clone(p.Authorisers), a)
	p.DecideBy, p.Member, p.MemberSource = a.Until, "", ""
	return changed(p, EvMemberAsked, now, ActorOfficer(who), map[string]string{"member": member, "source": source,
		"try": strconv.Itoa(len(p.Authorisers))}), nil
}

// MemberAnswerable says whether a link with this nonce can still answer at now.
func (p Petition) MemberAnswerable(nonce []byte, now time.Time) error {
	a := p.Asked()
	switch {
	case p.State != Authorising || a == nil || len(a.Nonce) == 0 || !bytes.Equal(a.Nonce, nonce):
		return ErrState
	case !now.Before(a.Until):
		return ErrLate
	}
	return nil
}

// AnswerMember is a member's word by the link of the letter. With a yes the
// petition goes to moderation; after a no another member may be asked, and when
// none is left the petition ends.
func (l *Profile) AnswerMember(p Petition, nonce []byte, yes bool, now time.Time) (Change, error) {
	if err := p.MemberAnswerable(nonce, now); err != nil {
		return Change{}, err
	}
	if !yes {
		return l.declined(p, SaidNo, now, ActorMember), nil
	}
	c := changed(said(p, SaidYes, now), EvAuthorised, now, ActorMember, map[string]string{"member": p.Asked().Member})
	return l.queue(c, now, ActorMember), nil
}

// said notes the answer of the member whose term runs.
func said(p Petition, word string, at time.Time) Petition {
	p.Authorisers = slices.Clone(p.Authorisers)
	a := p.Asked()
	a.Said, a.At, a.Nonce = word, at, nil
	return p
}

func (l *Profile) declined(p Petition, word string, at time.Time, actor string) Change {
	name := p.Asked().Member
	p = said(p, word, at)
	c := changed(p, EvMemberDeclined, at, actor, map[string]string{"member": name, "said": word,
		"left": strconv.Itoa(max(0, l.Authoriser.Tries-len(p.Authorisers)))})
	if len(p.Authorisers) >= l.Authoriser.Tries {
		c.Petition.State, c.Petition.EndedAt, c.Petition.DecideBy = Lapsed, at, time.Time{}
		c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvLapsed, At: at, Actor: actor, Data: map[string]string{"cause": "authoriser"}})
		return c
	}
	c.Petition.DecideBy = l.end(l.Moderation.Term, at)
	return c
}
