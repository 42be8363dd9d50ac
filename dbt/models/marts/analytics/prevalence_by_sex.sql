{{ prevalence_by('sex_code') }}
