// The pipeline of a hand controller composed of two well-known libraries: Pinocchio for gravity and
// fingertip Jacobians, ProxQP for the contact forces. Warm-started, allocated once, as its manuals
// advise. One tick: gravity torque, five contact Jacobians, the force program, joint PD, J^T f.
//
//   pinocchio_proxqp problem.txt > times.json
//
// The program (15 forces, contact frames, normal first):
//   min |G f - w|^2 + eps |f|^2   s.t.   8-sided pyramid inside the cone, f_min <= normal <= f_max

#include <pinocchio/algorithm/frames.hpp>
#include <pinocchio/algorithm/jacobian.hpp>
#include <pinocchio/algorithm/kinematics.hpp>
#include <pinocchio/algorithm/rnea.hpp>
#include <proxsuite/proxqp/dense/dense.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace pin = pinocchio;
namespace qp = proxsuite::proxqp;
using Eigen::Matrix3d, Eigen::MatrixXd, Eigen::Vector3d, Eigen::VectorXd;

constexpr int kContacts = 5, kForces = 3 * kContacts, kFaces = 8, kPasses = 3;
constexpr int kConeRows = kContacts * kFaces, kRows = kConeRows + kContacts;

struct Contact {
  Vector3d position, normal, tangent;  // fingertip frame
};
struct Sample {
  VectorXd q, dq;
  std::array<Contact, kContacts> contact;
  Eigen::Matrix<double, 6, 1> wrench;  // wanted, force then torque about the grasp's middle
};
struct Problem {
  pin::Model model;
  std::array<pin::FrameIndex, kContacts> tip;
  VectorXd stiffness, damping, reference, torque_max;
  double friction, force_min, force_max, regularisation;
  std::vector<Sample> samples;
};

template <typename Vector>
void read(std::istream& in, Vector& v) {
  for (Eigen::Index i = 0; i < v.size(); ++i) in >> v[i];
}

pin::SE3 read_placement(std::istream& in) {
  Vector3d p;
  Eigen::Matrix<double, 9, 1> r;
  read(in, p);
  read(in, r);
  return {Eigen::Map<const Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>(r.data()), p};
}

// One line a joint: parent, placement in it with z along the axis, mass, centre of mass, inertia.
void read_joint(std::istream& in, pin::Model& model, int i) {
  int parent;
  double mass;
  Vector3d com;
  Eigen::Matrix<double, 9, 1> inertia;
  in >> parent;
  const pin::SE3 placement = read_placement(in);
  in >> mass;
  read(in, com);
  read(in, inertia);
  const auto joint = model.addJoint(static_cast<pin::JointIndex>(parent + 1), pin::JointModelRZ(),
                                    placement, "joint" + std::to_string(i));
  model.appendBodyToJoint(joint,
                          pin::Inertia(mass, com, Eigen::Map<const Matrix3d>(inertia.data())));
}

Problem read_problem(const char* path) {
  std::ifstream in(path);
  Problem p;
  int joints, samples;
  in >> joints >> samples >> p.friction >> p.force_min >> p.force_max >> p.regularisation;
  Vector3d gravity;
  read(in, gravity);
  p.model.gravity.linear(gravity);
  for (int i = 0; i < joints; ++i) read_joint(in, p.model, i);
  for (int f = 0; f < kContacts; ++f) {
    int link;
    in >> link;
    const auto joint = static_cast<pin::JointIndex>(link + 1);
    p.tip[f] = p.model.addFrame(
        pin::Frame("tip" + std::to_string(f), joint, 0, read_placement(in), pin::OP_FRAME));
  }
  for (VectorXd* v : {&p.stiffness, &p.damping, &p.reference, &p.torque_max}) {
    v->resize(joints);
    read(in, *v);
  }
  p.samples.resize(static_cast<std::size_t>(samples));
  for (Sample& s : p.samples) {
    s.q.resize(joints);
    s.dq.resize(joints);
    read(in, s.q);
    read(in, s.dq);
    for (Contact& c : s.contact) {
      read(in, c.position);
      read(in, c.normal);
      read(in, c.tangent);
    }
    read(in, s.wrench);
  }
  if (!in) throw std::runtime_error(std::string("cannot read ") + path);
  return p;
}

class Pipeline {
 public:
  explicit Pipeline(const Problem& p)
      : p_(p),
        data_(p.model),
        solver_(kForces, 0, kRows, false, qp::HessianType::Dense, qp::DenseBackend::PrimalDualLDLT),
        jacobian_(6, p.model.nv),
        torque_(p.model.nv) {
    jacobian_.setZero();
    tip_jacobian_.fill(MatrixXd::Zero(3, p.model.nv));
    set_limits();
    solver_.settings.eps_abs = 1e-4;
    solver_.settings.initial_guess = qp::InitialGuessStatus::WARM_START_WITH_PREVIOUS_RESULT;
    solver_.settings.max_iter = 100;
    solver_.settings.compute_timings = false;
  }

  const VectorXd& tick(const Sample& s) {
    torque_ = pin::computeGeneralizedGravity(p_.model, data_, s.q);
    pin::computeJointJacobians(p_.model, data_, s.q);  // gravity leaves no placements behind
    place_contacts(s);
    solve(s);
    torque_ += p_.stiffness.cwiseProduct(p_.reference - s.q) - p_.damping.cwiseProduct(s.dq);
    for (int f = 0; f < kContacts; ++f) {
      torque_.noalias() +=
          tip_jacobian_[f].transpose() * (rotation_[f] * solver_.results.x.segment<3>(3 * f));
    }
    torque_ = torque_.cwiseMin(p_.torque_max).cwiseMax(-p_.torque_max);
    return torque_;
  }

  const VectorXd& gravity(const Sample& s) {
    return pin::computeGeneralizedGravity(p_.model, data_, s.q);
  }
  double objective() const {
    const VectorXd& f = solver_.results.x;
    return 0.5 * f.dot(hessian_ * f) + linear_.dot(f);
  }
  const VectorXd& force() const { return solver_.results.x; }

  // Largest violation of cone and bounds by the last forces, [N].
  double violation() const {
    const VectorXd& f = solver_.results.x;
    double worst = (limits_ * f).head(kConeRows).maxCoeff();
    for (int i = 0; i < kContacts; ++i) {
      worst = std::max({worst, p_.force_min - f[3 * i], f[3 * i] - p_.force_max});
    }
    return worst;
  }
  // |gradient of the Lagrangian|, [N]: zero at the optimum.
  double stationarity() const {
    return (hessian_ * solver_.results.x + linear_ + limits_.transpose() * solver_.results.z)
        .cwiseAbs()
        .maxCoeff();
  }

 private:
  void set_limits() {
    const double inscribed = p_.friction * std::cos(std::numbers::pi / kFaces);
    low_.setConstant(-1e20);
    high_.setZero();
    for (int c = 0; c < kContacts; ++c) {
      for (int k = 0; k < kFaces; ++k) {
        const double angle = 2.0 * std::numbers::pi * k / kFaces;
        limits_.block<1, 3>(c * kFaces + k, 3 * c) << -inscribed, std::cos(angle), std::sin(angle);
      }
      limits_(kConeRows + c, 3 * c) = 1.0;
      low_[kConeRows + c] = p_.force_min;
      high_[kConeRows + c] = p_.force_max;
    }
  }

  void place_contacts(const Sample& s) {
    Vector3d middle = Vector3d::Zero();
    for (int f = 0; f < kContacts; ++f) {
      const pin::SE3& tip = pin::updateFramePlacement(p_.model, data_, p_.tip[f]);
      const Contact& c = s.contact[f];
      rotation_[f] << tip.rotation() * c.normal, tip.rotation() * c.tangent,
          tip.rotation() * c.normal.cross(c.tangent);
      const Vector3d arm = tip.rotation() * c.position;
      point_[f] = tip.translation() + arm;
      middle += point_[f] / kContacts;
      jacobian_.setZero();
      pin::getFrameJacobian(p_.model, data_, p_.tip[f], pin::LOCAL_WORLD_ALIGNED, jacobian_);
      tip_jacobian_[f].noalias() =
          jacobian_.topRows<3>() - pin::skew(arm) * jacobian_.bottomRows<3>();
    }
    for (int f = 0; f < kContacts; ++f) {
      grasp_.block<3, 3>(0, 3 * f) = rotation_[f];
      // Lever arms in units of 5 cm, so that force and torque weigh alike.
      grasp_.block<3, 3>(3, 3 * f) =
          pin::skew(Vector3d((point_[f] - middle) / 0.05)) * rotation_[f];
    }
  }

  void solve(const Sample& s) {
    hessian_.noalias() = grasp_.transpose() * grasp_;
    hessian_.diagonal().array() += p_.regularisation;
    linear_.noalias() = -grasp_.transpose() * s.wrench;
    if (!started_) {
      solver_.init(hessian_, linear_, proxsuite::nullopt, proxsuite::nullopt, limits_, low_, high_);
      started_ = true;
    } else {  // the limits stay what they are in contact frames
      solver_.update(hessian_, linear_, proxsuite::nullopt, proxsuite::nullopt, proxsuite::nullopt,
                     proxsuite::nullopt, proxsuite::nullopt);
    }
    solver_.solve();
  }

  const Problem& p_;
  pin::Data data_;
  qp::dense::QP<double> solver_;
  bool started_ = false;
  MatrixXd limits_ = MatrixXd::Zero(kRows, kForces);  // the cones, then the normal forces
  VectorXd low_{kRows}, high_{kRows};
  MatrixXd hessian_{kForces, kForces};
  VectorXd linear_{kForces};
  Eigen::Matrix<double, 6, kForces> grasp_;
  std::array<Matrix3d, kContacts> rotation_;
  std::array<Vector3d, kContacts> point_;
  MatrixXd jacobian_;
  std::array<MatrixXd, kContacts> tip_jacobian_;
  VectorXd torque_;
};

double quantile(std::vector<double> sorted, double fraction) {
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1))];
}

void print(const char* name, const VectorXd& v, const char* end = ",") {
  std::printf("\"%s\": [", name);
  for (Eigen::Index i = 0; i < v.size(); ++i) std::printf("%s%.17g", i ? ", " : "", v[i]);
  std::printf("]%s\n", end);
}

void run(const Problem& p) {
  std::vector<double> best(p.samples.size(), std::numeric_limits<double>::infinity());
  double violation = 0.0, stationarity = 0.0;
  Pipeline pipeline(p);
  for (int pass = 0; pass < kPasses; ++pass) {
    for (std::size_t i = 0; i < p.samples.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      pipeline.tick(p.samples[i]);
      const std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - begin;
      best[i] = std::min(best[i], took.count());
      violation = std::max(violation, pipeline.violation());
      stationarity = std::max(stationarity, pipeline.stationarity());
    }
  }
  const VectorXd torque = pipeline.tick(p.samples.front());
  const double objective = pipeline.objective();
  const VectorXd force = pipeline.force();
  std::printf("{\"p50\": %.3f, \"p99\": %.3f, \"worst\": %.3f,\n", quantile(best, 0.5),
              quantile(best, 0.99), quantile(best, 1.0));
  std::printf("\"violation\": %.3g, \"stationarity\": %.3g,\n", violation, stationarity);
  std::printf("\"objective\": %.9g,\n", objective);
  print("gravity", pipeline.gravity(p.samples.front()));
  print("force", force);
  print("torque", torque, "}");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count != 2) throw std::runtime_error("usage: pinocchio_proxqp problem.txt");
    run(read_problem(arguments[1]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
