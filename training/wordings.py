"""Wordings: more for the task labels of ``descriptions.json``, and those of hand-written areas."""

from __future__ import annotations

__all__ = ["ALIASES", "AREAS"]

ALIASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "code_generation": (
        ("codegen", "code writing", "software development", "implementation", "programming"),
        (
            "new code",
            "writing programs",
            "building software features",
            "implementation requests",
            "generating new code, writing functions, or creating boilerplate",
            "asks for a function, class, component, endpoint or script to be written",
        ),
    ),
    "unit_tests": (("testing", "test generation", "qa tests"), ("tests for code", "test cases")),
    "sql": (("database", "sql queries", "databases"), ("SQL", "queries against tables")),
    "devops": (
        ("infrastructure", "ops", "sysadmin", "platform engineering"),
        ("servers, containers and deployments", "infrastructure work"),
    ),
    "code_understanding": (
        ("code review", "debugging", "code explanation", "explain code"),
        ("what does this code do", "finding bugs", "reading existing code", "errors in code"),
    ),
    "math": (
        ("mathematics", "maths", "calculation", "math problems"),
        ("sums and equations", "numbers, algebra and word problems", "solving equations"),
    ),
    "reasoning": (
        ("logic", "analysis", "analytical reasoning", "deep thinking"),
        ("thinking through a hard problem", "comparing options and weighing trade-offs"),
    ),
    "creative_writing": (
        ("creative", "fiction", "storytelling", "poetry and stories"),
        ("stories and poems", "imaginative writing", "made-up stories, verses and songs"),
    ),
    "roleplay": (("persona", "role play", "character"), ("pretend to be somebody", "acting")),
    "business_writing": (
        ("emails", "marketing copy", "professional writing", "copywriting"),
        ("letters and emails", "posts and advertisements", "business correspondence"),
    ),
    "editing": (
        ("proofreading", "rewriting", "grammar", "paraphrasing"),
        ("fix my text", "rewording", "improving a text", "grammar and spelling correction"),
    ),
    "summarization": (
        ("summary", "summaries", "summarize", "tl;dr"),
        ("shortening long texts", "key points of a text", "digest of a document"),
    ),
    "translation": (
        ("translate", "translator", "localization"),
        ("another language", "from one language to another", "translating"),
    ),
    "language_learning": (("language tutor",), ("learning languages", "foreign vocabulary")),
    "extraction": (
        ("information extraction", "classification", "entity extraction", "labeling"),
        ("pull data out of text", "sorting texts into categories", "sentiment and entities"),
    ),
    "recommendations": (
        ("suggestions", "ideas", "brainstorming", "advice"),
        ("what to buy, see or do", "lists of ideas", "suggesting things"),
    ),
    "travel_planning": (("travel", "trips"), ("trips and holidays", "where to go")),
    "recipes": (("cooking", "food", "meals"), ("dishes and how to cook them", "food")),
    "factual_qa": (
        ("general knowledge", "facts", "qa", "trivia", "question answering"),
        ("simple facts", "who, what, when and where questions", "encyclopedia questions"),
    ),
    "health": (("medical", "medicine", "wellness"), ("illness and treatment", "health")),
    "legal": (("law", "contracts", "compliance"), ("the law", "legal matters")),
    "finance": (("money", "investing", "accounting"), ("money matters", "markets and taxes")),
    "support": (("customer service", "help desk"), ("customers with a problem", "order trouble")),
    "data_analysis": (("analytics", "data science"), ("charts and statistics", "datasets")),
    "education": (("tutoring", "teaching", "study help"), ("lessons", "help for students")),
    "image_generation": (("images", "pictures", "art"), ("drawing pictures", "visuals")),
    "smalltalk": (("chitchat", "small talk", "casual chat"), ("greetings", "just chatting")),
    "news": (("headlines", "current affairs"), ("what is new in the world", "news")),
    "devices": (("smart home", "device control"), ("lights, alarms and music", "gadgets")),
    "security": (("cybersecurity", "infosec"), ("attacks and defences", "hardening systems")),
    "hr": (("human resources", "people team"), ("leave, pay and benefits", "staff matters")),
    "coding": (
        ("programming", "code", "developer", "software engineering"),
        ("anything with code", "code", "programming work", "help for developers"),
    ),
    "complex_reasoning": (
        ("reasoning", "deep analysis", "hard problems", "analysis"),
        (
            "thorough explanations and analysis",
            "questions that need careful step by step thought",
            "deep analysis, mathematical problem solving, and logical reasoning",
            "comparing approaches, trade-offs and consequences in depth",
        ),
    ),
}

AREAS: dict[str, dict[str, tuple[str, ...]]] = {
    "desks": {
        "shop": (
            "online shopping: orders, parcels, returns, refunds, vouchers and products",
            "questions of a web shop's customers",
        ),
        "telephone company": (
            "telephone and internet: tariffs, invoices, reception, routers and SIM cards",
            "customers of a telephone company",
        ),
        "clinic": (
            "a medical practice: visits, prescriptions, findings and complaints",
            "patients and their appointments",
        ),
        "it help desk": (
            "computers at work: passwords, programs, printers, mail and access",
            "technical support for employees",
        ),
        "home assistant": (
            "daily life at home: lights, heating, music, shopping, dates, weather and messages",
            "commands to a voice assistant",
        ),
        "insurance company": (
            "insurance: claims, policies, premiums and cover",
            "an insurer's customers",
        ),
        "online bank app": (
            "banking: accounts, cards, transfers, fees and loans",
            "money, cards and accounts at a bank",
        ),
        "city office": (
            "public services: passports, registration, rubbish, permits and local taxes",
            "citizens and their town hall",
        ),
        "travel agency": (
            "holidays: trips, bookings, delays, hotels and travel papers",
            "travellers and their bookings",
        ),
    },
    "subjects": {
        "platforms": (
            "computers and software: servers, networks, the cloud, web pages and data",
            "technology and IT",
        ),
        "professions": (
            "work and professions: law, medicine, money, marketing, property and trade",
            "business and professional advice",
        ),
        "sciences": (
            "science and the humanities: nature, numbers, history, society and thought",
            "academic subjects",
        ),
        "leisure": (
            "leisure and home life: food, travel, sports, arts, pets, cars and family",
            "hobbies and everyday life",
        ),
    },
    "walks_of_life": {
        "law": ("law: families, work, rent, wills and rights", "legal advice"),
        "medicine": ("medicine: illnesses, treatment, medicines and care", "health and doctors"),
        "natural sciences": (
            "natural sciences: physics, chemistry, living things, the sea and the weather",
            "how nature works",
        ),
        "mathematics": ("mathematics: numbers, shapes, calculus and chance", "maths problems"),
        "history": ("history: peoples, wars, empires and finds of the past", "times gone by"),
        "geography": ("geography: countries, maps and populations", "places of the world"),
        "politics": (
            "politics and the state: elections, diplomacy, police and the army",
            "government and public order",
        ),
        "thought and faith": (
            "philosophy, religion, ethics and myths",
            "belief, thought and the sacred",
        ),
        "society and mind": (
            "society and psychology: cultures, classes, minds and decisions",
            "social sciences",
        ),
        "languages": ("languages: grammar, words, learning to speak", "learning languages"),
        "literature": ("literature: poems, plays, novels and comics", "books and their authors"),
        "visual arts": (
            "visual arts and design: painting, drawing, buildings, rooms and letters",
            "art and design",
        ),
        "music": ("music: instruments, singing, composers and bands", "making and hearing music"),
        "stage and screen": ("dance, film, series, shows and museums", "culture and entertainment"),
        "sports": ("sports: rules, training, equipment and players", "sport of all kinds"),
        "games and collecting": (
            "games, puzzles, toys, models and collections",
            "games and hobbies",
        ),
        "crafts": ("crafts: wood, cloth, jewels and metal", "working with one's hands"),
        "building and housekeeping": (
            "houses: wiring, pipes, walls, machines and cleaning",
            "repairs and the household",
        ),
        "garden, farm and animals": (
            "gardens, farms, forests, pets and livestock",
            "plants and animals",
        ),
        "transport": (
            "vehicles and transport: cars, motorbikes, trains, lorries and freight",
            "getting about and moving goods",
        ),
        "industry and engineering": (
            "industry and engineering: factories, plants, bridges, circuits and machines",
            "engineers and makers",
        ),
        "devices at home": (
            "radio, telephones, networks and automatic homes",
            "devices and reception",
        ),
        "money": ("money: shares, accounts, budgets, books and pay", "finance"),
        "business": (
            "business: founding, selling, leading, hiring and finding work",
            "companies and careers",
        ),
        "office work": (
            "office work: meetings, letters, documents, sheets and slides",
            "everyday office tasks",
        ),
        "computers": (
            "computers: printers, passwords and operating systems",
            "help with computers",
        ),
        "software": (
            "software: languages, algorithms, servers, security and models",
            "software development",
        ),
        "space and energy": ("space, energy, water and waste", "technology of supply and space"),
        "food and drink": (
            "food and drink: cooking, baking, drinks and restaurants",
            "eating and drinking",
        ),
        "travel": (
            "travel: cities, beaches, flights, hotels and far countries",
            "journeys and holidays",
        ),
        "family and friends": (
            "family and friends: children, couples, feasts and grief",
            "living with others",
        ),
        "looks and body": (
            "clothes, beauty, hair and training the body",
            "looking good and staying fit",
        ),
        "education": ("education: schools, universities and learning", "teaching and studying"),
        "news and public life": (
            "news, charity, emergencies, safety at work and benefits",
            "public life",
        ),
        "housing and insurance": (
            "claims, buying homes, moving and second-hand goods",
            "home and property",
        ),
        "pastimes": ("watches, candles, paper and edited pictures", "quiet pastimes"),
        "listening and watching": ("streaming, podcasts and loudspeakers", "media at home"),
        "odds and ends": (
            "bets, hoaxes, dates and measures",
            "lotteries, rumours, calendars and units",
        ),
    },
}
