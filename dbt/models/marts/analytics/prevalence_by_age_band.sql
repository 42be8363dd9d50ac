{{ prevalence_by('age_band') }}
