-- title: Lesions with several images
-- How many lesions have one image, two, three … of each diagnosis. A random split of images would
-- put such a lesion on both sides; the warehouse splits by lesion.
select
    dim_lesions.image_count as images_of_the_lesion,
    count(distinct dim_lesions.lesion_key) as lesions,
    count(distinct case
        when dim_diagnoses.diagnosis_code = 'mel' then dim_lesions.lesion_key
    end) as melanomas
from dim_lesions
inner join fct_diagnoses using (lesion_key)
inner join dim_diagnoses using (diagnosis_key)
group by dim_lesions.image_count
order by images_of_the_lesion
