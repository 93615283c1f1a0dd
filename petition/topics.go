package petition

import (
	"slices"
	"strings"
	"time"
)

// KnownTopics are the codes that moderators may give; imports bring others along.
func KnownTopics() []string {
	return []string{"transport", "education", "health", "environment", "housing", "culture", "open-data", "accessibility", "safety", "services"}
}

// Retopic sets the topics by which readers find a petition. Codes that are
// neither known nor on the petition already are a FieldError.
func (l *Profile) Retopic(p Petition, topics []string, officer OfficerID, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if p.State == Draft || p.State.over() && p.State != Refused {
		return Change{}, ErrState
	}
	topics = slices.Compact(slices.Sorted(slices.Values(topics)))
	for _, t := range topics {
		if !slices.Contains(KnownTopics(), t) && !slices.Contains(p.Topics, t) {
			return Change{}, FieldErrors{{Field: "topics", Key: "unknown"}}
		}
	}
	if slices.Equal(topics, slices.Sorted(slices.Values(p.Topics))) {
		return Change{}, ErrState // nothing to record
	}
	p.Topics = topics
	return changed(p, EvTopics, now, ActorOfficer(officer), map[string]string{"topics": strings.Join(topics, " ")}), nil
}
