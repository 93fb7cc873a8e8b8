// Two transfers that each check the balance first: one lock for each look is one too many.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

struct Account {
    std::mutex lock;
    int balance = 100;
};

static Account accounts[2];

static int balance_of(Account &account)
{
    std::lock_guard<std::mutex> guard(account.lock);
    return account.balance;
}

static void add(Account &account, int amount)
{
    std::lock_guard<std::mutex> guard(account.lock);
    account.balance += amount;
}

static void transfer(Account &from, Account &to, int amount)
{
    if (balance_of(from) < amount)
        return;
    add(from, -amount);
    add(to, amount);
}

int main()
{
    std::thread first(transfer, std::ref(accounts[0]), std::ref(accounts[1]), 70);
    std::thread second([] { transfer(accounts[0], accounts[1], 70); });
    first.join();
    second.join();
    assert(accounts[0].balance >= 0);
}
