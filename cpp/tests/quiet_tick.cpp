// The proof that a tick allocates nothing, locks nothing, calls nobody and waits for no page.
//
// Allocation: every way to the heap is replaced in this executable by one that counts while a flag
// is up. System calls, and with them any lock that has to wait: a child process gives them all up
// and ticks; the kernel kills it at the first one. Page faults: the kernel's own count, before and
// after. Each comes with a control that shows that it notices.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "actuator_rig.hpp"
#include "handloop/bus/codec_timer.hpp"
#include "handloop/episode.hpp"
#include "handloop/grasp_force.hpp"
#include "handloop/mujoco_hand.hpp"
#include "handloop/tick_timer.hpp"
#include "support.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HANDLOOP_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define HANDLOOP_SANITIZED 1
#endif
#endif

namespace {

// Volatile: a compiler knows malloc, and may think that it reads no flag of ours.
volatile bool counting = false;
volatile long allocations = 0;

#ifdef HANDLOOP_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

}  // namespace

#ifndef HANDLOOP_SANITIZED
// operator new and delete of libstdc++ go through malloc and free, so these catch them, too.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) {
  allocations = allocations + counting;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations = allocations + counting;
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  allocations = allocations + counting;
  return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations = allocations + counting;
  return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  allocations = allocations + counting;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  allocations = allocations + counting;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}
void free(void* block) {
  allocations = allocations + (counting && block);
  __libc_free(block);
}
}
#endif

namespace handloop {
namespace {

using namespace testing;

constexpr int kTicks = 5 * Drill::kCycle;
static_assert(kTicks >= 10000);

int failures = 0;

void expect(bool ok, const char* what) {
  std::printf("%s: %s\n", ok ? "ok" : "FAILED", what);
  std::fflush(stdout);
  failures += !ok;
}

void skip(const char* what, const char* why) { std::printf("skipped: %s (%s)\n", what, why); }

// What a drill went through, to show that the proof covers it.
struct Coverage {
  unsigned states = 0;  // one bit per SafetyState
  int slips = 0;
  bool settled = false, finite = true;

  void look(const Controller& c, const HandCommand& command) {
    states |= 1u << static_cast<unsigned>(c.safety().state());
    slips = std::max(slips, c.grip().slip_count());
    settled = settled || c.task().settled();
    finite = finite && command.torque.allFinite() && command.effort.allFinite();
  }
  bool every_state() const { return states == 0b11111 && finite; }
  bool complete() const { return every_state() && slips >= 2 && settled; }
};

// A law that reads all it can ask for.
void busy_law(const LawInput* in) {
  in->memory[0] += in->time + in->parameters[0];
  for (std::int64_t i = 0; i < in->joint_count; ++i) {
    in->torque[i] = in->gravity[i] + 1e-3 * (in->bias[i] + in->tip_jacobian[i]) - in->dq[i] +
                    in->stiffness[i] * (in->reference[i] - in->q[i]);
  }
}

CustomLaw custom_law() {
  CustomLaw law;
  law.function = busy_law;
  law.wants_gravity = law.wants_bias = law.wants_tip_jacobian = true;
  law.parameters = {1.0};
  return law;
}

// Everything a tick can do, on a supply that is often too weak.
ControllerConfig with_motors(const HandModel& hand) {
  ControllerConfig config = config_for(hand);
  add_motors(config);
  config.motors.rail[0] = {.voltage = 6.0, .resistance = 0.3, .voltage_min = 4.0};
  config.hold.begin = 0.1;
  return config;
}

ControllerConfig with_tendons(const HandModel& hand) {
  ControllerConfig config = config_for(hand);
  add_tendons(config, hand);
  return config;
}

class Bench {
 public:
  explicit Bench(const HandModel& hand, const ControllerConfig& config, CustomLaw law = {})
      : controller(hand, config) {
    controller.set_law(std::move(law));
    TaskPlan plan;
    plan.add({.time = 0.45, .kind = TaskKind::kObject});
    plan.add({.time = 0.8, .kind = TaskKind::kFingertips});
    plan.add({.time = Drill::kCycle * kPeriod, .kind = TaskKind::kPosture});
    controller.set_plan(plan);
    JointTrajectory t;
    t.add(0.0, JointVector::Zero(hand.joint_count));
    t.add(5.0, JointVector::Constant(hand.joint_count, 0.2));
    controller.set_trajectory(t);
  }
  Coverage tick(int ticks) {
    Coverage coverage;
    Drill drill(controller);
    const JointVector offset = JointVector::Constant(controller.model().joint_count, 0.01);
    for (int i = 0; i < ticks; ++i) {
      const HandState& sample = drill.step(i);
      if (i % Drill::kCycle == 60) controller.guide(offset, 1.1, 0.5);
      counting = true;
      const HandCommand& command = controller.tick(sample, drill.now());
      counting = false;
      coverage.look(controller, command);
    }
    return coverage;
  }

  Controller controller;
};

// Volatile, so that no compiler may conclude that nothing happens to the block.
void* volatile block;

long count_one_of_each() {
  const long before = allocations;
  counting = true;
  block = std::malloc(10);
  block = std::realloc(block, 20);
  std::free(block);
  block = ::operator new(30);
  ::operator delete(block);
  counting = false;
  return allocations - before;
}

long allocations_of_plant() {
  const ModelPointer model = pinch_model();
  const DataPointer data(mj_makeData(model.get()));
  SensorModel sensors;
  sensors.delay = 2;
  sensors.position_noise = sensors.velocity_noise = sensors.force_noise = 1e-4;
  SimPlant plant(*model, pinch_ids(*model), sensors, kPeriod);
  plant.start(*data);
  HandState state;
  HandCommand command;
  command.effort = joints({1.0, 1.0});
  const long before = allocations;
  int touches = 0;
  for (int i = 0; i < kTicks; ++i) {
    counting = true;
    plant.read(state);
    plant.write(command);
    counting = false;
    touches += state.contact[0].touching;
    plant.advance();
  }
  expect(touches > 0, "the plant was touched");
  return allocations - before;
}

// The same with all that a real actuator has, between MuJoCo's own steps.
long allocations_of_drives() {
  actuator::Figures f = plain_servo();
  f.friction = {0.02, 0.01, 0.05, 0.05, 0.02, 0.02, 0.02, 0.2, 1.5, 0.01, 0.01};
  f.thermal = {8.0, 12.0, 1.0, 20.0, 100.0};
  f.backlash = 0.02;
  f.resolution = 0.0015;
  f.command_delay = f.sensing_delay = 0.003;
  ActuatorRig rig(f, 0.1);
  rig.start();
  HandState state;
  HandCommand command;
  command.effort = joints({0.0});
  const long before = allocations;
  for (int i = 0; i < kTicks; ++i) {
    command.effort[0] = 0.3 * std::sin(0.02 * i);
    counting = true;
    rig.plant->read(state);
    rig.plant->write(command);
    rig.plant->prepare_step();
    counting = false;
    mj_step(rig.model.get(), rig.data.get());
  }
  expect(state.temperature[0] > 25.0, "the motor got warm");
  return allocations - before;
}

// Portions of a run, but for what MuJoCo does.
long allocations_of_episode() {
  const ModelPointer model = pinch_model();
  const DataPointer data(mj_makeData(model.get()));
  const SimPlantIds ids = pinch_ids(*model);
  const HandModel hand = read_hand(*model, {ids.joint, ids.tip});
  Episode episode(*model, ids, {}, hand, config_for(hand), {ids.contact[0]}, kTicks);
  episode.begin(*data);
  const long before = allocations;
  while (episode.under_way()) {
    counting = true;
    episode.control();
    counting = false;
    const bool moved = episode.plant().advance();
    counting = true;
    episode.sense(moved);
    counting = false;
  }
  expect(episode.recorder().count() == kTicks, "the episode ran to its end");
  return allocations - before;
}

// Wrenches that grow from within reach to far out of it and back, with a torque limit in the way.
long allocations_of_grasp_forces() {
  GraspProblem problem;
  problem.contact_count = 2;
  for (std::size_t i = 0; i < 2; ++i) {
    GraspContact& c = problem.contact[i];
    c.normal = i == 0 ? Vec3::UnitX() : Vec3(-Vec3::UnitX());
    c.position = -0.03 * c.normal;
    c.row_count = 1;
    c.row[0] = {{0.0, 0.01, 0.05}, -0.2, 0.2};
  }
  GraspForceSolver solver({});
  const long before = allocations;
  unsigned seen = 0;  // one bit per status
  for (int i = 0; i < kTicks; ++i) {
    problem.wrench[2] = i % 997 == 0 ? kNan : 12.0 * std::sin(0.01 * i);
    counting = true;
    const GraspForceResult result = solver.solve(problem);
    counting = false;
    seen |= 1u << static_cast<unsigned>(result.status);
  }
  expect(seen == 0b111, "wrenches were met, out of reach and not numbers");
  return allocations - before;
}

// From here on the kernel kills this process at any system call but exit. False: it does not offer.
bool give_up_system_calls() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const sock_fprog program{sizeof(filter) / sizeof(filter[0]), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

constexpr int kNotOffered = 77, kIncomplete = 78;

// How a child ends that does `work` without system calls.
template <typename F>
int status_of_child(F work) {
  const pid_t child = fork();
  if (child < 0) return kNotOffered << 8;
  if (child == 0) {
    if (!give_up_system_calls()) _exit(kNotOffered);
    const int code = work();
    syscall(SYS_exit, code);  // _exit would be exit_group
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

void prove_no_allocation(const HandModel& hand, const ControllerConfig& config, const char* name,
                         CustomLaw law = {}) {
  Bench bench(hand, config, std::move(law));
  const long before = allocations;
  const Coverage coverage = bench.tick(kTicks);
  std::printf("%s: %ld allocations in %d ticks\n", name, allocations - before, kTicks);
  expect(coverage.complete(), "touch, slip, NaN, stale, HOLD, LIMP and STOPPED were passed");
  expect(allocations == before, "a tick allocates nothing");
}

void prove_no_allocation_by_motors() {
  const HandModel hand = random_hand(51);
  ControllerConfig config = with_motors(hand);
  config.observer.force_source = ForceSource::kMotors;
  Bench bench(hand, config);
  const long before = allocations;
  const Coverage coverage = bench.tick(kTicks);
  expect(coverage.every_state(), "every state was passed without a skin");
  expect(allocations == before, "a tick that feels by its motors allocates nothing");
}

// A hand on its servos, on a wire that answers at once.
long allocations_of_bus_plant() {
  constexpr int kServos = 27;
  bus::PromptServos servos(kServos, 10);
  bus::DynamixelProtocol protocol;
  bus::Line line(servos, protocol, {});
  std::vector<bus::ServoDrive> drives = bus::typical_drives(kServos);
  for (bus::ServoDrive& d : drives) {
    d.health.block = {0, 126, 10, {}};
    d.health.temperature = {0, 1};
  }
  bus::BusPlantConfig config;
  config.health_every = 1;
  bus::BusPlant plant({&line}, drives, config);
  HandState state;
  HandCommand command;
  command.torque.setConstant(kServos, 0.1);
  command.current.setConstant(kServos, 0.1);
  const long before = allocations;
  counting = true;
  for (int i = 0; i < kTicks; ++i) {
    command.limp = i > kTicks / 2;
    plant.read(state);
    plant.write(command);
    plant.advance();
  }
  counting = false;
  expect(state.temperature.size() == kServos, "the servos told their health");
  expect(plant.reading(kServos - 1).outcome == bus::Outcome::kAnswered, "the servos answered");
  return allocations - before;
}

void prove_no_system_call(CustomLaw law = {}) {
  const int control = status_of_child([] { return static_cast<int>(syscall(SYS_getppid)); });
  if (WIFEXITED(control) && WEXITSTATUS(control) == kNotOffered) {
    skip("system calls", "this kernel offers no seccomp filter");
    return;
  }
  expect(was_killed(control), "control: a system call is noticed");
  const HandModel hand = random_hand(50);
  Bench bench(hand, with_tendons(hand), std::move(law));
  const int status =
      status_of_child([&bench] { return bench.tick(kTicks).complete() ? 0 : kIncomplete; });
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a tick makes no system call");
}

long faults_of_a_fresh_page() {
  return page_faults([] {
    void* page = mmap(nullptr, 1, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<volatile char*>(page) = 1;
    munmap(page, 1);
  });
}

void prove_no_page_fault(const HandModel& hand) {
  expect(faults_of_a_fresh_page() > 0, "control: a page fault is noticed");
  Bench bench(hand, with_motors(hand));
  bench.tick(Drill::kCycle);  // touches all the memory it will ever need
  expect(page_faults([&bench] { bench.tick(kTicks); }) == 0,
         "a tick causes no page fault once it is warm");
}

int prove() {
  expect(count_one_of_each() == 5, "control: allocations are counted");
  const HandModel pinch = pinch_hand(), tree = random_hand(50);
  prove_no_allocation(pinch, with_motors(pinch), "pinch");
  prove_no_allocation(tree, with_motors(tree), "tree of nine joints");
  prove_no_allocation(tree, with_tendons(tree), "tree of nine joints with tendons");
  prove_no_allocation(tree, with_motors(tree), "tree of nine joints, custom law", custom_law());
  prove_no_allocation_by_motors();
  expect(allocations_of_plant() == 0, "reading and writing the simulated plant allocates nothing");
  expect(allocations_of_drives() == 0, "a step of a real actuator allocates nothing");
  expect(allocations_of_episode() == 0, "an episode allocates nothing while it goes on");
  expect(allocations_of_bus_plant() == 0, "reading and writing servos allocates nothing");
  prove_no_page_fault(random_hand(50));
  expect(allocations_of_grasp_forces() == 0, "optimising grasp forces allocates nothing");
  prove_no_system_call();
  prove_no_system_call(custom_law());
  return failures;
}

}  // namespace
}  // namespace handloop

int main() {
  if (kSanitized) {
    handloop::skip("the quiet tick", "a sanitizer owns the heap and makes system calls of its own");
    return 0;
  }
  return handloop::prove();
}
