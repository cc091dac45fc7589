package fiction

import (
	"testing"

	"tidemark/schema"
)

// Several train one town, nobody trains in the silent region, and some say nothing.
func TestOffersTellTheirStory(t *testing.T) {
	w := demo(t)
	same, silent := 0, 0
	for i := range w.Organisations {
		offer, said := w.Offer(i, schema.Period{Year: 2026, Quarter: 4})
		if !said {
			silent++
		}
		if err := offer.CheckCodes(w.codebook); err != nil {
			t.Error(err)
		}
		for _, one := range offer.Trainings {
			if one.Town == town {
				same++
			}
			if one.Region == silentRegion {
				t.Error("somebody trains where nobody does")
			}
		}
	}
	if same < 2 || silent == 0 || silent > len(w.Organisations)/3 {
		t.Errorf("%d train %s, %d say nothing", same, town, silent)
	}
}
