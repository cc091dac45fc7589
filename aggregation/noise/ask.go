package noise

import (
	"fmt"

	"tidemark/schema"
)

// Ask is the noise that one table needs.
type Ask struct {
	Sensitivity2 int64              // D^2 in units^2: how far one person moves the table, squared
	Sigma2       int64              // the variance of each value in units^2
	Count        int                // values wanted
	Source       schema.NoiseSource // who draws; empty: google
}

// The limits are far beyond any plan's. Google's library multiplies its bounds unchecked
// and for large ones draws too little noise, or loops for ever.
const (
	maxBound  = 1 << 20 // D, units
	maxSigma2 = schema.MaxSigma2
	maxAsks   = schema.MaxTables
	maxCount  = schema.MaxCells
)

func validate(asks []Ask) error {
	if len(asks) == 0 || len(asks) > maxAsks {
		return fmt.Errorf("%d asks, want 1 to %d", len(asks), maxAsks)
	}
	total := 0
	for i, a := range asks {
		if err := a.validate(); err != nil {
			return fmt.Errorf("ask %d: %w", i+1, err)
		}
		total += a.Count
	}
	if total > maxCount {
		return fmt.Errorf("%d values, want at most %d", total, maxCount)
	}
	return nil
}

func (a Ask) validate() error {
	switch {
	case a.Sensitivity2 < 1 || a.Sensitivity2 > maxBound*maxBound:
		return fmt.Errorf("sensitivity2: want 1 to %d", int64(maxBound*maxBound))
	case a.Sigma2 < 1 || a.Sigma2 > maxSigma2:
		return fmt.Errorf("sigma2: want 1 to %d", int64(maxSigma2))
	case a.Count < 1 || a.Count > maxCount:
		return fmt.Errorf("count: want 1 to %d", maxCount)
	case a.Source != "" && a.Source != schema.GoogleNoise && a.Source != schema.ExactNoise:
		return fmt.Errorf("source: want google or exact")
	}
	return nil
}
