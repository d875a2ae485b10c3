"""First names and surnames as people in Britain have them, for a register of people who do not exist."""

from __future__ import annotations

_FIRST = """
Aaron Abigail Adam Adrian Agnes Ahmed Aisha Alan Albert Alexander Alexandra Alfred Alice Alison Amanda Amelia Amina
Andrew Angela Ann Anna Anne Annie Anthony Archibald Arthur Ayesha Barbara Barry Beatrice Benjamin Bernadette Bernard
Bernice Beryl Bethany Beverley Brenda Brian Bridget Bronwen Bronagh Callum Carl Carol Caroline Catherine Cedric
Chantelle Charles Charlotte Chinedu Chloe Christine Christopher Clare Claire Clifford Clive Colin Craig Cynthia Cyril
Daniel Darren David Dawn Deborah Delroy Denise Dennis Derek Desmond Diane Donald Doreen Doris Dorothy Douglas Dylan
Edith Edward Edwin Eileen Elaine Eleanor Elizabeth Elsie Emily Emma Emmanuel Enid Eric Ernest Esther Ethel Eunice Eva
Evelyn Fatima Fiona Florence Frances Francis Frank Frederick Gareth Gary Gavin Geoffrey George Georgina Gerald
Geraldine Gillian Gladys Glenys Gordon Grace Graham Gregory Gurpreet Gwen Gwyneth Hannah Harold Harriet Harry Hassan
Hazel Heather Helen Henry Herbert Hilary Howard Hugh Hussain Ian Imran Ingrid Irene Iris Isaac Isabel Ivor Jack
Jacqueline James Jamila Jane Janet Janice Jason Jasmine Jean Jeffrey Jennifer Jeremy Jerzy Jessica Jill Joan Joanna
Joanne John Jonathan Joseph Josephine Joshua Joyce Judith Julia Julian Julie June Karen Katherine Kathleen Keith Kelly
Kenneth Kevin Kieran Kulwinder Kwame Laura Lauren Lawrence Leanne Leonard Leroy Leslie Lewis Lilian Linda Lisa Lloyd
Lorna Lorraine Louis Louise Lucy Luke Lynne Mabel Malcolm Margaret Maria Marie Marion Mark Marjorie Martin Mary
Matthew Maureen Mavis Megan Melanie Michael Michelle Mildred Miriam Mohammed Moira Monica Morag Muriel Nadia Nasreen
Natalie Nathan Neil Nicholas Nicola Nigel Noel Nora Norman Oliver Olivia Olufemi Oscar Pamela Patricia Patrick Paul
Pauline Penelope Percival Peter Philip Phyllis Precious Priya Rachel Rajesh Ralph Raymond Rebecca Reginald Rhiannon
Richard Robert Roger Ronald Rose Rosemary Rowan Roy Ruby Rupert Ruth Ryan Saira Sally Samantha Samuel Sandra Sanjay
Sarah Scott Sean Shabnam Sharon Sheila Shirley Sian Sidney Simon Siobhan Stanley Stephanie Stephen Stuart Sunita Susan
Suzanne Sylvia Tariq Teresa Terence Thelma Thomas Timothy Tobias Tracey Trevor Ursula Valerie Vera Victor Victoria
Vincent Violet Vivien Walter Wayne Wendy Wilfred William Winifred Winston Yasmin Yvonne Zachary Zainab Zoë José Renée
Chloé Björn Mary-Ann Anne-Marie Jean-Paul Sarah-Jane
"""
_LAST = """
Abbott Abdi Achebe Acheampong Adams Adebayo Agnew Ahmed Akhtar Alderton Ali Allen Anderson Andrews Applegarth Archer
Armstrong Ashworth Atkinson Austin Bailey Baker Ball Banerjee Barber Barker Barnes Barratt Bates Begum Bell Bennett
Berry Bhatti Birch Bird Bishop Blackburn Blake Boateng Bolton Booth Bowen Bradley Bradshaw Braithwaite Brennan Bright
Brooks Brown Bryant Buckley Burgess Burke Burton Butcher Butler Byrne Cahill Callaghan Campbell Carpenter Carr Carter
Cartwright Chadwick Chambers Chapman Chaudhry Clark Clarke Clifton Coleman Collins Connolly Cook Cooper Cox Crawford
Cross Cunningham Curtis Dalton Daly Davey Davies Davis Dawson Day Dean Dhillon Dixon Doherty Donnelly Douglas Doyle
Duffy Duncan Dunmow Dunn Edwards Ellis Elliott Evans Farah Farrell Fernley Finch Fisher Fitzgerald Fletcher Flynn
Forbes Ford Forster Foster Fowler Fox Francis Fraser Freeman French Frost Gallagher Gardner Garner George Gibbons
Gibson Gilbert Gill Goddard Gordon Graham Grant Gray Green Greenwood Gregory Griffiths Grimshaw Gupta Hall Hamilton
Hardy Harper Harris Harrison Hart Hartley Harvey Hawkins Hayes Haywood Henderson Herbert Hewitt Hicks Higgins Hill
Hobbs Hodgson Holland Hollowell Holmes Holt Hopkins Houghton Howard Howe Hudson Hughes Humphreys Hunt Hussain
Hutchinson Ibrahim Iqbal Jackson James Jarvis Jenkins Jennings John Johnson Johnston Jones Jordan Joseph Kaur Kavanagh
Kelly Kemp Kendall Kennedy Kenyon Khan King Kirby Knight Kowalczyk Kowalski Kumar Lamb Lambert Larkspur Lawrence
Lawson Leach Lee Leonard Lewandowska Lewis Lister Little Llewellyn Lloyd Lowe Lucas Lynch MacDonald Mackenzie Mahmood
Malik Mann Marlpit Marsden Marsh Marshall Martin Mason Matthews May Mbeki McCarthy McDonald McGrath McIntyre McKenna
Mensah Middleton Miller Mills Mistry Mitchell Mohamed Moore Moran Morgan Morris Morrison Morton Moss Murphy Murray
Mwangi Myers Nash Naylor Nelson Newman Newton Nicholls Nixon Nkrumah Nolan Norman Norris North Novak Nowak Núñez
Okafor Okonkwo Oliver Osborne Osei Ostrowick Owen Owens Page Palmer Parker Parkinson Parsons Patel Patterson Payne
Peacock Pearce Pearson Perkins Perry Peters Phillips Pickering Poole Pope Porter Potter Powell Pratt Preston Price
Pritchard Quinn Rahman Ramsden Randall Read Reed Rees Reid Reynolds Rhodes Richards Richardson Riley Roberts Robertson
Robinson Robson Rogers Rose Ross Rowe Rowlands Russell Ryan Sanders Saunders Savage Scott Sharma Sharp Shaw Sheikh
Shepherd Short Siddiqui Simmons Simpson Sinclair Singh Skinner Slater Smart Smith Spencer Stanley Steele Stephens
Stevens Stevenson Stewart Stone Summers Sutherland Sutton Swift Szymański Talbot Taylor Thapa Thistlewood Thomas
Thompson Thomson Thornton Tomlinson Townsend Tucker Turnbull Turner Tyler Underwood Vaughan Vickers Wade Walker Wall
Wallace Walsh Walters Walton Ward Warner Warren Waters Watkins Watson Watts Weaver Webb Webster Welch Wells Weston
Whelan White Whitehead Whittaker Wilkins Wilkinson Williams Williamson Willis Wilson Winter Wójcik Wood Woods Woodward
Wright Wyatt Yates Young Yusuf Zieliński O'Brien O'Connor O'Neill O'Reilly O'Shea D'Souza Smith-Jones Taylor-Reid
Ahmed-Khan Fox-Davies Lloyd-Price
"""
FIRST, LAST = tuple(_FIRST.split()), tuple(_LAST.split())
