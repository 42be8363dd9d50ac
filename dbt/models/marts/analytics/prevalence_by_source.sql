{{ prevalence_by('source_code') }}
